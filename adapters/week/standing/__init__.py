"""Which released sessions still hold, as the facts are now, and what commands change about that."""
