"""Framework of the operations: routes, parameters, request contexts, ETags, idempotency, and OpenAPI."""
