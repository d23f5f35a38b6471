"""Maintenance of a database and its files: backups and atomic writes."""
