"""Endpoints of accounts and offered roles, with their schemas and authorization."""
