"""The resource of exports: endpoints, schemas and examples."""
