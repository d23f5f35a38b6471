"""Authentication and authorisation: login identities, sessions, tokens, rights, keys, rate limits and mail."""
