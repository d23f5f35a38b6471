"""The resource of branches: endpoints, schemas and examples."""
