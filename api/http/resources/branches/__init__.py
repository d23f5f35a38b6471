"""Endpoints of what-if branches, with their schemas."""
