"""The resource of imports: endpoints, schemas and examples."""
