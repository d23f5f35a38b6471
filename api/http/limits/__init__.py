"""Limits of the server: bodies, connections, threads, and the port that its processes share."""
