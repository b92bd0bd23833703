"""A run as tables: a round indexed, its grid, and what stands beside it."""
