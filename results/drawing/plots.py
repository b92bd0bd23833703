"""Accuracy against queries as a picture: a panel a defender, a line an attacker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from results.drawing.style import COLOURS, DASHES, explain, panels, save
from results.tables.columns import heading, sample
from results.tables.curves import checkpoints, counted, curve_of
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_curves(table: ResultsTable, path: str | os.PathLike[str], *, round: int | None = None) -> None:
    """Write a PNG of `accuracy_by_queries`: a panel a defender, up to four across, a line an attacker, its interval shaded.

    Pairs without a result or a count are left out. Raises ValueError as `ResultsTable.grid` does, and where no queries
    were counted.
    """
    played = round_of(table.records, round)
    shown = [name for name in played.defenders if _attackers(played, name)]
    if not shown:
        raise ValueError("queries: not counted in this table; play a scenario that counts them")
    title = f"{heading(played.scenario, played.number)}: accuracy against queries, 95 % interval shaded"
    figure, drawn = panels(shown, title)
    for axes, name in zip(drawn, shown, strict=True):
        _panel(axes, played, name)
        _scale(axes, int(checkpoints(played)[-1]))
    across = f"queries about a point ({sample(played.seeds, played.points)})"
    explain(figure, played.attackers, across, "accuracy, % of test points")
    save(figure, path)


def _attackers(played: Round, defender: str) -> list[str]:
    return [attacker for attacker in played.attackers if counted(played, attacker, defender)]


def _panel(axes: Axes, played: Round, defender: str) -> None:
    for attacker in _attackers(played, defender):
        curve, number = curve_of(played, attacker, defender), played.attackers.index(attacker)
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS) % len(DASHES)]
        axes.fill_between(curve.queries, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(curve.queries, 100 * curve.accuracy, dash, color=colour, lw=1.8, label=attacker, clip_on=False)


def _scale(axes: Axes, most: int) -> None:
    """Log scale from 1 with room for 0."""
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)
    axes.set_xlim(0, max(most, 1))
    axes.set_ylim(0, 100)
    axes.xaxis.set_major_formatter(lambda queries, _: f"{queries:,.0f}")
