"""Endpoints of the interface itself: health, caller, and problem types."""
