"""Queries: read models in memory, and records that are left out of an answer."""
