"""What is kept of a run: records, how they are packed, and the files they stand in."""
