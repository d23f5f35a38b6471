"""The resource of sign in: endpoints, schemas and examples."""
