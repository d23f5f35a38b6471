"""Calendar feeds: their records, and the agendas and files that are kept ready for them."""
