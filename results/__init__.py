"""The ledger: rows in; tables, intervals, equilibria, flags and pictures out. It knows neither players nor rules."""

from results.drawing.brackets import draw_brackets
from results.drawing.charts import Bars, Chart, Line, Lines, Pictures, Points, Surface
from results.drawing.gaps import draw_dynamics
from results.drawing.heat import heat_map
from results.drawing.painting import draw_chart
from results.drawing.panels import example
from results.drawing.plots import draw_curves
from results.drawing.poisoning import draw_fractions, draw_poisoned
from results.drawing.transfer import draw_transfer
from results.game.costs import Bimatrix, Correlated, charged, correlated
from results.game.dynamics import DYNAMICS, Trajectory, best_response, fictitious_play, regret_matching, replicator
from results.game.equilibrium import Equilibrium, solve
from results.game.minimax import NoEquilibriumError
from results.game.payoffs import Payoff
from results.game.resampling import resampled
from results.game.values import Doubt, bounds, cell_intervals, doubt
from results.masking.flags import Findings, Flag, findings_from_json, findings_to_json, masking_report
from results.masking.raised import masking_flags
from results.rankings.evolution import AlphaRank, alpha_rank, alpha_rank_symmetric, sinks
from results.rankings.methods import METHODS, Ranked, Ranking, rank
from results.rankings.ratings import elo, unexplained
from results.records.record import Record
from results.statistics.estimates import difference, exactly, mean, rank_correlation
from results.statistics.intervals import Interval, clopper_pearson, crossed, crossed_among, crossed_exact, wilson
from results.statistics.verdicts import Criterion, Verdict, verdict_of
from results.storage.schema import StoreError
from results.storage.store import Plan, Seat, Store
from results.storage.writer import StoreWriter
from results.tables.brackets import BracketRow, bracket_table
from results.tables.columns import columns_of
from results.tables.costs import query_costs, training_costs
from results.tables.curves import Curve, accuracy_by_queries
from results.tables.grid import Cell, Grid
from results.tables.medians import query_table
from results.tables.outcomes import Outcomes, outcomes_of
from results.tables.poisoning import poison_report, ranking
from results.tables.table import ResultsTable, payoff
from results.tables.transfer import TransferMatrix, transfer_matrix

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
