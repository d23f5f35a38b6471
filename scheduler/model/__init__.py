"""Integer programmes of a week: columns, rows, cuts and objectives (Williams 2013)."""
