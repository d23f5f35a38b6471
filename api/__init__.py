"""Answer people and programs: the command line, and who may do what."""
