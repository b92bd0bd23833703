"""What stands behind `python -m arena`: parses, calls, prints."""
