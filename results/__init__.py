"""The ledger: rows in; tables, intervals, equilibria, flags and pictures out. It knows neither players nor rules."""

from results.charts import Bars, Chart, Line, Lines, Pictures, Points, Surface
from results.columns import columns_of
from results.curves import Curve, accuracy_by_queries
from results.drawing import draw_chart
from results.equilibrium import Equilibrium, solve
from results.estimates import difference, exactly, mean, rank_correlation
from results.flags import Findings, Flag, masking_report
from results.grid import Cell, Grid
from results.intervals import Interval, crossed, crossed_among, wilson
from results.masking import masking_flags
from results.medians import query_table
from results.minimax import NoEquilibriumError
from results.payoff import Payoff
from results.pictures import example, heat_map
from results.plots import draw_curves
from results.poisoning import draw_fractions, draw_poisoned, poison_report, ranking
from results.records import Record
from results.storage import RecordWriter
from results.table import ResultsTable
from results.transfer import TransferMatrix, draw_transfer, transfer_matrix
from results.verdicts import Criterion, Verdict, verdict_of

__all__ = [
    "Record",
    "RecordWriter",
    "ResultsTable",
    "Grid",
    "Cell",
    "Interval",
    "wilson",
    "crossed",
    "crossed_among",
    "Payoff",
    "Equilibrium",
    "NoEquilibriumError",
    "solve",
    "Curve",
    "accuracy_by_queries",
    "query_table",
    "TransferMatrix",
    "transfer_matrix",
    "Flag",
    "Findings",
    "masking_flags",
    "masking_report",
    "heat_map",
    "draw_curves",
    "draw_transfer",
    "example",
    "poison_report",
    "ranking",
    "draw_fractions",
    "draw_poisoned",
    "Criterion",
    "Verdict",
    "verdict_of",
    "mean",
    "difference",
    "exactly",
    "rank_correlation",
    "Chart",
    "Line",
    "Lines",
    "Bars",
    "Points",
    "Pictures",
    "Surface",
    "draw_chart",
    "columns_of",
]
