"""One module for each resource under /v1."""
