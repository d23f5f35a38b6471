"""Endpoints of venues."""
