"""The players of the house."""
