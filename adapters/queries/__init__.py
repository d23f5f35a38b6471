"""Reads: the read models in memory, and what is left out of an answer."""
