"""Adapters to the outside: the event store, the application, and files of every kind."""
