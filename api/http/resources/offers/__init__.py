"""Endpoints of offers."""
