"""The resource of venues: endpoints, schemas and examples."""
