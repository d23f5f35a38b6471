"""Decide by integer programming: the only place that knows a solver's library."""
