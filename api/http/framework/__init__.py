"""What every operation rests on: routes, parameters, request contexts, paging, ETags, limits and OpenAPI."""
