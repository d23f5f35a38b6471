"""The resource of requests: endpoints, schemas and examples."""
