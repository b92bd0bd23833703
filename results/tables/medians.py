"""Queries as a table: how many it takes to fool a point, and how many points are fooled at all."""

from __future__ import annotations

import numpy as np

from results.records.packing import Counts, Hits
from results.statistics.intervals import crossed_among
from results.tables.columns import Block, Notes, heading, lined_up, numbered, paragraph, sample, split_name, stacked
from results.tables.curves import counted
from results.tables.grid import Cell, absence
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

FEWEST = 6  # with fewer points not even their whole range is a 95 % interval for the median
NOTHING = "–"
UNCOUNTED = Cell(None, "uncounted")


def query_table(table: ResultsTable, round: int | None = None) -> str:
    """Tabulate attackers × defenders as text for a terminal, each number above its 95 % interval.

    A row of medians, the queries it took over the points that were read right and got fooled; then the share of the
    points read right that got fooled, mean over seeds. Raises ValueError as `ResultsTable.grid` does, and where no
    queries were counted.
    """
    played = round_of(table.records, round)
    if not any(counted(played, attacker, defender) for attacker in played.attackers for defender in played.defenders):
        raise ValueError("queries: not counted in this table; play a scenario that counts them")
    blank = {pair: absence(played, *pair) for pair in _pairs(played)}
    notes = numbered(cell for cell in blank.values() if cell)
    header = [(), *map(split_name, played.defenders)]
    rows = [row for attacker in played.attackers for row in _two_rows(played, attacker, notes)]
    after = (0, *range(2, len(rows), 2))
    below = ["", *(paragraph(f"[{number}]", reason) for reason, number in notes.items())] if notes else []
    return "\n".join([_title(played), "", *lined_up(header, rows, after), *below])


def median_interval(counts: Counts, fooled: Hits) -> tuple[float, float, float]:
    """Median of the counts where `fooled`, both of shape (seeds, points), and its 95 % bounds: NaN for under 6 points.

    The bounds are the quantiles at the ends of the interval for the share below the median (Woodruff, "Confidence
    intervals for medians and other position measures", JASA 47, 1952). All three are NaN where no point is fooled.
    """
    values = counts[fooled]
    if not values.size:
        return np.nan, np.nan, np.nan
    median = float(np.median(values))
    if values.size < FEWEST:
        return median, np.nan, np.nan
    share = crossed_among(counts <= median, fooled)
    ends = 0.5 - (share.estimate - share.low), 0.5 + (share.high - share.estimate)
    low, high = np.quantile(values, np.clip(ends, 0.0, 1.0), method="nearest")
    return median, min(float(low), median), max(float(high), median)


def _pairs(played: Round) -> list[tuple[str, str]]:
    return [(attacker, defender) for attacker in played.attackers for defender in played.defenders]


def _title(played: Round) -> str:
    what = "queries it took to fool a point (median), and points read right that got fooled (in %)"
    where, how_many = heading(played.scenario, played.number), sample(played.seeds, played.points)
    return f"{where}: {what},\neach with 95 % interval, {how_many}"


def _two_rows(played: Round, attacker: str, notes: Notes) -> list[list[Block]]:
    cells = [_two_cells(played, attacker, defender, notes) for defender in played.defenders]
    return [[(attacker,), *(top for top, _ in cells)], [("  fooled, %",), *(below for _, below in cells)]]


def _two_cells(played: Round, attacker: str, defender: str, notes: Notes) -> tuple[Block, Block]:
    absent = absence(played, attacker, defender)
    if absent:
        return stacked(absent, notes), ("",)
    right = played.right(attacker, defender)
    fooled = right & ~played.attacked(attacker, defender)
    share = stacked(Cell(crossed_among(fooled, right)), {}) if right.any() else (NOTHING,)
    counts = played.queries(attacker, defender)
    return _median(*median_interval(counts, fooled)) if counts.size else (UNCOUNTED.mark,), share


def _median(median: float, low: float, high: float) -> Block:
    if np.isnan(median):
        return (NOTHING,)
    return (_number(median),) if np.isnan(low) else (_number(median), f"{_number(low)}–{_number(high)}")


def _number(queries: float) -> str:
    return f"{queries:.1f}".removesuffix(".0")
