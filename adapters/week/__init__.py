"""Reads of one week: snapshot, problem document, draft workspace, report, and the checks of released sessions."""
