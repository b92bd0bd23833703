"""The ledger: rows in; tables, intervals, equilibria, flags and pictures out. It knows neither players nor rules."""

from results.brackets import BracketRow, bracket_table, draw_brackets
from results.charts import Bars, Chart, Line, Lines, Pictures, Points, Surface
from results.columns import columns_of
from results.costs import Bimatrix, Correlated, charged, correlated, query_costs, training_costs
from results.curves import Curve, accuracy_by_queries
from results.drawing import draw_chart
from results.dynamics import DYNAMICS, Trajectory, best_response, fictitious_play, regret_matching, replicator
from results.equilibrium import Equilibrium, solve
from results.estimates import difference, exactly, mean, rank_correlation
from results.evolution import AlphaRank, alpha_rank, alpha_rank_symmetric, sinks
from results.flags import Findings, Flag, findings_from_json, findings_to_json, masking_report
from results.gaps import draw_dynamics
from results.grid import Cell, Grid
from results.intervals import Interval, clopper_pearson, crossed, crossed_among, crossed_exact, wilson
from results.masking import masking_flags
from results.medians import query_table
from results.minimax import NoEquilibriumError
from results.outcomes import Outcomes, outcomes_of
from results.payoffs import Payoff, payoff
from results.pictures import example, heat_map
from results.plots import draw_curves
from results.poisoning import draw_fractions, draw_poisoned, poison_report, ranking
from results.rankings import METHODS, Ranked, Ranking, rank
from results.ratings import elo, unexplained
from results.records import Record
from results.resampling import resampled
from results.schema import StoreError
from results.store import Plan, Seat, Store
from results.table import ResultsTable
from results.transfer import TransferMatrix, draw_transfer, transfer_matrix
from results.values import Doubt, bounds, cell_intervals, doubt
from results.verdicts import Criterion, Verdict, verdict_of
from results.writer import StoreWriter

__all__ = [
    "Record",
    "ResultsTable",
    "Store",
    "StoreWriter",
    "StoreError",
    "Seat",
    "Plan",
    "Outcomes",
    "outcomes_of",
    "Grid",
    "Cell",
    "Interval",
    "wilson",
    "crossed",
    "crossed_among",
    "clopper_pearson",
    "crossed_exact",
    "Payoff",
    "payoff",
    "resampled",
    "cell_intervals",
    "Equilibrium",
    "NoEquilibriumError",
    "solve",
    "Doubt",
    "doubt",
    "bounds",
    "Bimatrix",
    "Correlated",
    "charged",
    "query_costs",
    "training_costs",
    "correlated",
    "DYNAMICS",
    "Trajectory",
    "best_response",
    "fictitious_play",
    "regret_matching",
    "replicator",
    "draw_dynamics",
    "METHODS",
    "Ranking",
    "Ranked",
    "rank",
    "elo",
    "unexplained",
    "AlphaRank",
    "alpha_rank",
    "alpha_rank_symmetric",
    "sinks",
    "Curve",
    "accuracy_by_queries",
    "query_table",
    "TransferMatrix",
    "transfer_matrix",
    "Flag",
    "Findings",
    "masking_flags",
    "masking_report",
    "findings_to_json",
    "findings_from_json",
    "heat_map",
    "BracketRow",
    "bracket_table",
    "draw_brackets",
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
