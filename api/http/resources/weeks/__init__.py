"""The resource of weeks: endpoints, schemas and examples."""
