"""The resource of diaries: endpoints, schemas and examples."""
