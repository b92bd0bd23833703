"""Pictures of results, drawn without a display: one attacked example, and the heat map of a round."""

from results.heat import heat_map
from results.panels import example

__all__ = ["example", "heat_map"]
