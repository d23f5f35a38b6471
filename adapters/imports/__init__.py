"""Import of files: tables, profiles that map foreign ones, and one transaction for a whole file."""
