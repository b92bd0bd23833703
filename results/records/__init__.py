"""Rows of the ledger: one a match and round, outcomes a bit a point, as lines and files."""
