"""Queries: one function for each list and each lookup, over the read side at a moment."""
