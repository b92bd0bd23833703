"""The bracket of each defender as a picture over radii."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import numpy as np

from results.drawing.style import COLOURS, explain, panels, save
from results.tables.brackets import BracketRow


def draw_brackets(
    ladders: Mapping[str, Sequence[tuple[float, BracketRow]]], path: str | os.PathLike[str], title: str
) -> None:
    """Write a PNG of accuracy over the radius: a panel a defender; certified, exact where it was asked, attacked, clean."""
    figure, drawn = panels(list(ladders), title)
    for axes, rungs in zip(drawn, ladders.values(), strict=True):
        clean = float(rungs[0][1].clean.mean())
        lines = {
            "clean": [(0.0, clean), *((radius, clean) for radius, _ in rungs)],
            "attacked": [(0.0, clean), *((radius, float(row.attacked.mean())) for radius, row in rungs)],
            "exact": [(radius, float(row.exact.mean())) for radius, row in rungs if row.exact is not None],
            "certified": [(0.0, clean), *((radius, float(row.proven.mean())) for radius, row in rungs)],
        }
        for (name, points), colour, style in zip(lines.items(), COLOURS, ("--", "o-", "D", "s-"), strict=False):
            x, y = np.array(points or [(np.nan, np.nan)]).T
            axes.plot(x, 100 * y, style, color=colour, label=name, lw=1.6, ms=7 if name == "exact" else 3.5, mfc="none")
        axes.set_ylim(-2, 102)
    explain(figure, ("clean", "attacked", "exact", "certified"), "radius in pixels", "accuracy, % of test points")
    save(figure, path)
