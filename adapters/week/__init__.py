"""A week as it is read: snapshot, problem document, draft, report, and which released sessions still hold."""
