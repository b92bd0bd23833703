"""A learning curve: what a training costs, and what the agent then needs, on points it has not met."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from results.drawing.style import COLOURS, GREY, PALE, PIXELS


@dataclass(frozen=True)
class Point:
    """After so many questions of training: the median queries of the fooled points, and the share of points fooled."""

    questions: int
    median: float
    fooled: float


def draw_learning(path: str | os.PathLike[str], curve: Sequence[Point], chance: Point, title: str = "") -> None:
    """Write a PNG of the curve in two panels, median queries and share fooled, with random search as a dashed line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    asked = [point.questions / 1000 for point in curve]
    panels = (
        (left, "queries a fooled point takes, median", [p.median for p in curve], chance.median),
        (right, "points fooled, %", [100 * p.fooled for p in curve], 100 * chance.fooled),
    )
    for axes, name, values, without in panels:
        axes.plot(asked, values, "o-", color=COLOURS[0], lw=1.8, ms=3.5, label="the agent", clip_on=False)
        axes.axhline(without, ls="--", color=COLOURS[1], lw=1.6, label="random search, same moves")
        axes.set_ylim(0, 1.15 * max([without, *values]) if axes is left else 100)
        axes.set_title(name, fontsize=10, loc="left", color=GREY)
        axes.set_xlim(0, asked[-1])
        axes.grid(color=PALE, linewidth=0.6)
        axes.tick_params(length=0, labelsize=9, labelcolor=GREY)
        axes.spines[:].set_visible(False)
    right.legend(frameon=False, fontsize=9, loc="upper left")
    figure.supxlabel("questions asked in training, thousands", fontsize=10)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    figure.savefig(Path(path), dpi=PIXELS, format="png")
