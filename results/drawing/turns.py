"""A game grown by best responses as a picture: the bracket around its value, turn by turn."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from results.drawing.style import COLOURS, GREY, PALE, PIXELS
from results.game.turns import Turn


def draw_exploitability(path: str | os.PathLike[str], runs: Sequence[Sequence[Turn]], title: str = "") -> None:
    """Write a PNG: the bracket of the first run with its best ends, and every run's exploitability by turn, with intervals."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8.6, 3.7), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    first = runs[0]
    upper, lower = (100 * np.array([getattr(turn, name) for turn in first]) for name in ("upper", "lower"))
    steps = np.arange(len(first))
    left.fill_between(
        steps, np.maximum.accumulate(lower), np.minimum.accumulate(upper), color=PALE, label="best bracket"
    )
    left.plot(steps, upper, "o-", color=COLOURS[1], ms=3.5, label="upper: best attack found")
    left.plot(
        steps, [100 * turn.value for turn in first], "s--", color=GREY, ms=3, lw=1, label="value of the game so far"
    )
    left.plot(steps, lower, "o-", color=COLOURS[0], ms=3.5, label="lower: best defence found")
    left.set_title("points lost, %, first seed", fontsize=10, loc="left", color=GREY)
    figure.legend(loc="outside lower left", ncols=4, frameon=False, fontsize=9)
    for number, turns in enumerate(runs):
        gap = 100 * np.array([(t.gap.estimate, t.gap.low, t.gap.high) for t in turns])
        colour = COLOURS[number % len(COLOURS)]
        right.fill_between(np.arange(len(turns)), gap[:, 1], gap[:, 2], color=colour, alpha=0.18, linewidth=0)
        right.plot(gap[:, 0], "o-", color=colour, ms=3.5)
    right.axhline(0, color=GREY, lw=0.8)
    right.set_title("exploitability found, %, a line a seed, 95 % shaded", fontsize=10, loc="left", color=GREY)
    for axes in (left, right):
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=PALE, linewidth=0.6)
        axes.tick_params(length=0, labelsize=9, labelcolor=GREY)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("turn", fontsize=10)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    figure.savefig(Path(path), dpi=PIXELS, format="png")
