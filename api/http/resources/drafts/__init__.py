"""Endpoints of drafts."""
