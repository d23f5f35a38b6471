"""The page and the JSON Schemas of the planning documents, made from the declarations themselves."""
