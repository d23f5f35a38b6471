"""The resource of signing in: endpoints, and pages for people with their templates."""
