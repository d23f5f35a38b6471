"""Endpoints of people."""
