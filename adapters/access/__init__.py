"""Who may come in and do what: accounts' identities, sessions, tokens, rights, keys, rate limits and mail."""
