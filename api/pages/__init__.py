"""Pages for people: HTML that is made on the server from the answers of the operations."""
