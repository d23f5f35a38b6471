"""Workers beside the interface: those that do jobs, and the sidecar that judges moves, suggests and compares."""
