"""Endpoints of closures."""
