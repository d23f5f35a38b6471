"""Endpoints of diaries."""
