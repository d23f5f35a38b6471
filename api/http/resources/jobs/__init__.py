"""The resource of jobs: endpoints, schemas and examples."""
