"""What is seen from outside: logs, metrics, traces, readiness, and telemetry of each request."""
