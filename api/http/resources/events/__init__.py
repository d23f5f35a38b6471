"""The resource of events: endpoints, schemas and examples."""
