"""The resource of rooms: endpoints, schemas and examples."""
