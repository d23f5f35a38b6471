"""The application: what commands and queries read, the unit of work of a command, and one database opened."""
