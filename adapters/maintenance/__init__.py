"""Maintenance of a database: backups, and their restoration."""
