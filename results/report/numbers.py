"""Numbers as a report writes them: percent with their interval, ratings, and cells of a grid."""

from __future__ import annotations

from results.rankings.methods import Ranked
from results.report.blocks import Entry
from results.statistics.intervals import Interval
from results.tables.grid import Cell


def percent(share: float) -> str:
    """A share in [0, 1] in percent, one digit after the point."""
    return f"{100 * share:.1f}"


def around(interval: Interval) -> str:
    """The bounds of a share, in percent."""
    return f"{percent(interval.low)}–{percent(interval.high)}"


def kept(lost: Interval) -> Interval:
    """The share of points kept, where an interval speaks of those lost."""
    return Interval(1 - lost.estimate, 1 - lost.high, 1 - lost.low)


def of_cell(cell: Cell) -> Entry:
    """An accuracy, shaded by its size; a mark and its reason where there is none."""
    if cell.interval is None:
        return Entry(cell.mark, reason=cell.reason)
    return Entry(percent(cell.interval.estimate), around(cell.interval), cell.interval.estimate)


def of_ranked(one: Ranked, unit: str) -> Entry:
    """A score with its tie groups; shares in percent, ratings as whole numbers."""
    score = one.score
    if unit == "share":
        return Entry(percent(score.estimate), around(score), score.estimate, group=one.ties)
    return Entry(f"{score.estimate:.0f}", f"{score.low:.0f}–{score.high:.0f}", group=one.ties)
