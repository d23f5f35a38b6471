"""The resource of feeds: endpoints, schemas and examples."""
