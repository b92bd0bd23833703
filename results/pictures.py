"""Pictures of results, drawn without a display: one attacked example, and the heat map of a round."""

from results.panels import example
from results.heat import heat_map

__all__ = ["example", "heat_map"]
