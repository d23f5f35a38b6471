"""The resource of reports: endpoints, schemas and examples."""
