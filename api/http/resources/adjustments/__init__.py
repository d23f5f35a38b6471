"""Endpoints of adjustments of a draft: pins, moves, drops, suggestions, and its release."""
