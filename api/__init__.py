"""Interfaces for people and programs: the command line, HTTP, and access control."""
