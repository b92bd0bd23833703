"""The ledger: rows in; tables, intervals, equilibria and pictures out. It knows neither players nor rules."""

from results.equilibrium import Equilibrium, solve
from results.grid import Cell, Grid
from results.intervals import Interval, crossed, wilson
from results.minimax import NoEquilibriumError
from results.payoff import Payoff
from results.pictures import example, heat_map
from results.records import Record
from results.storage import RecordWriter
from results.table import ResultsTable

__all__ = [
    "Record",
    "RecordWriter",
    "ResultsTable",
    "Grid",
    "Cell",
    "Interval",
    "wilson",
    "crossed",
    "Payoff",
    "Equilibrium",
    "NoEquilibriumError",
    "solve",
    "heat_map",
    "example",
]
