"""The resource of accounts: endpoints, schemas and examples."""
