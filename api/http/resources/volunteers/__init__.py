"""The resource of volunteers: endpoints, schemas and examples."""
