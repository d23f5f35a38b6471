"""Child processes: background planning, and the solvers of the parts of a large week."""
