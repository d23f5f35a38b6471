"""Authentication and authorization of requests: cookies, identity, and the table of roles."""
