"""Keep events, and beside them the records and read models that live in the same database."""
