"""The resource of people: endpoints, schemas and examples."""
