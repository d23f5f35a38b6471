"""Endpoints of areas."""
