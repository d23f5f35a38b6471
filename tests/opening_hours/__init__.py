"""The reference evaluator of OpenStreetMap's opening_hours, asked from Python."""
