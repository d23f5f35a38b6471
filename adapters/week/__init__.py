"""Reads of one week: snapshot, problem document, draft workspace, report, and validity of released sessions."""
