"""The resource of tokens: endpoints, schemas and examples."""
