"""Who asks and what they may do: identity, roles, delegation, and signing in."""
