"""The resource of catalogue: endpoints, schemas and examples."""
