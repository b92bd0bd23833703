"""Accuracy against queries as a picture: a panel a defender, a line an attacker."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from results.columns import heading, sample
from results.curves import checkpoints, counted, curve_of
from results.rounds import Round, round_of
from results.table import ResultsTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9")  # Okabe and Ito, 2008
DASHES = ("-", "--", ":", "-.")  # the next one each time the colours have all been used
ACROSS = 4
WIDEST = 32  # letters in a line of a name
GREY, PALE = "#444444", "#dddddd"
PIXELS = 160


def draw_curves(table: ResultsTable, path: str | os.PathLike[str], *, round: int | None = None) -> None:
    """Write a PNG of `accuracy_by_queries`: a panel a defender, up to four across, a line an attacker, its interval shaded.

    Pairs without a result or a count are left out. Raises ValueError as `ResultsTable.grid` does, and where no queries
    were counted.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    played = round_of(table.records, round)
    shown = [name for name in played.defenders if _attackers(played, name)]
    if not shown:
        raise ValueError("queries: not counted in this table; play a scenario that counts them")
    across = min(len(shown), ACROSS)
    down = -(-len(shown) // across)
    figure = Figure(figsize=(2.2 + 2.7 * across, 0.9 + 2.5 * down), layout=ConstrainedLayoutEngine(wspace=0.06))
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in panels[len(shown) :]:
        axes.remove()
    for number, name in enumerate(shown):
        _panel(panels[number], played, name)
        _scale(panels[number], int(checkpoints(played)[-1]), lowest=number >= len(shown) - across)
    _name(figure, panels[across - 1], played)
    figure.savefig(Path(path), dpi=PIXELS, format="png", bbox_inches="tight", pad_inches=0.15)


def _attackers(played: Round, defender: str) -> list[str]:
    return [attacker for attacker in played.attackers if counted(played, attacker, defender)]


def _panel(axes: Axes, played: Round, defender: str) -> None:
    for attacker in _attackers(played, defender):
        curve, number = curve_of(played, attacker, defender), played.attackers.index(attacker)
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS) % len(DASHES)]
        axes.fill_between(curve.queries, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(curve.queries, 100 * curve.accuracy, dash, color=colour, lw=1.8, label=attacker, clip_on=False)
    axes.set_title(textwrap.fill(defender, WIDEST), fontsize=10, loc="left")


def _scale(axes: Axes, most: int, lowest: bool) -> None:
    """Log scale from 1 with room for 0; numbers on the lowest panel of a column only."""
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)
    axes.set_xlim(0, max(most, 1))
    axes.set_ylim(0, 100)
    axes.xaxis.set_major_formatter(lambda queries, _: f"{queries:,.0f}")
    axes.grid(color=PALE, linewidth=0.6)
    axes.tick_params(length=0, labelsize=9, labelcolor=GREY, labelbottom=lowest)
    axes.spines[:].set_visible(False)


def _name(figure: Figure, corner: Axes, played: Round) -> None:
    """Title above, the axes' names once for all panels, the attackers beside the panel in the upper right corner."""
    title = f"{heading(played.scenario, played.number)}: accuracy against queries, 95 % interval shaded"
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    figure.supxlabel(f"queries about a point ({sample(played.seeds, played.points)})", fontsize=10)
    figure.supylabel("accuracy, % of test points", fontsize=10)
    lines = {str(line.get_label()): line for axes in figure.axes for line in axes.get_lines()}
    names = [name for name in played.attackers if name in lines]
    shown, labels = [lines[name] for name in names], [textwrap.fill(name, WIDEST) for name in names]
    style = {"frameon": False, "handlelength": 1.4, "fontsize": 10}
    corner.legend(shown, labels, loc="upper left", bbox_to_anchor=(1.04, 1.03), **style)
