"""What-if branches of a week: stored, overlaid on the truth (all saved events), planned, compared and adopted."""
