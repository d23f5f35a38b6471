"""The resource of closures: endpoints, schemas and examples."""
