"""Endpoints of volunteers."""
