"""The service layer: one function for each command, over an explicit unit of work."""
