"""The resource of drafts: endpoints, schemas and examples."""
