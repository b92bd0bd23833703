"""Pictures: curves, heat maps, examples, and the charts of claims."""
