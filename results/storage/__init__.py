"""A run on disk: one SQLite file, its one writer, what leaves it, and how two runs compare."""
