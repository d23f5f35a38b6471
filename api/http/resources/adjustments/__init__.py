"""The resource of adjustments: endpoints, schemas and examples."""
