"""Endpoints of background jobs, with their schemas and event stream."""
