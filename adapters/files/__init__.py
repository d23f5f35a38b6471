"""Files of every kind: put into place whole, and texts that spreadsheet programs would take for formulas."""
