"""What-if branches of a week: stored, overlaid on the main line, planned, compared and adopted."""
