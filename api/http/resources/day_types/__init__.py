"""The resource of day types: endpoints, schemas and examples."""
