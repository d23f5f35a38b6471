"""What-if branches of a week: kept, overlaid on the truth, planned, compared and adopted."""
