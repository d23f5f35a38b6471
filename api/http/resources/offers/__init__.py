"""The resource of offers: endpoints, schemas and examples."""
