"""Signing in: links by mail, the provider, their limits, and from where a request comes."""
