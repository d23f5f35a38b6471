"""The resource of areas: endpoints, schemas and examples."""
