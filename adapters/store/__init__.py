"""The event store, and the records and read models in the same database."""
