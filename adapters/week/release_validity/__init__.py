"""Validity of released sessions: which can still take place, and which a command would break."""
