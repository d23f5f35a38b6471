"""Search for a plan: construction, warm start, insertion moves, tabu search, fix-and-optimise."""
