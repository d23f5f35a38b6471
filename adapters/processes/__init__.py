"""Processes beside this one: background planning, a sidecar that judges moves, and solvers of parts."""
