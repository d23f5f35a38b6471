"""Endpoints of weeks."""
