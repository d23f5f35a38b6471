"""The two planning documents, problem and plan: their records, and how they are read, checked and written."""
