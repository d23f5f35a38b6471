"""The resource of about: endpoints, schemas and examples."""
