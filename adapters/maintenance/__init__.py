"""What an operator does with a database and its files: backups, and files that are put into place whole."""
