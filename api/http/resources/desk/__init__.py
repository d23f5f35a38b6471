"""Endpoints of the coordinator's desk: a week at a glance, places of one session, undo and redo."""
