"""Endpoints of feeds."""
