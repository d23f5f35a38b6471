"""Endpoints of signing in, and its pages for people with their templates."""
