"""Endpoints of day types."""
