"""Poisoning in pictures: the curve over the share of rows, and the rows themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from results.drawing.style import COLOURS, explain, panels, save
from results.tables.rounds import round_of
from results.tables.table import ResultsTable


def draw_fractions(tables: Mapping[float, ResultsTable], path: str | os.PathLike[str]) -> None:
    """Write a PNG of accuracy against the share of rows that may be touched: a panel a defender, a line an attacker.

    Share 0 is the accuracy without poison. All tables hold the same players.
    """
    rounds = {fraction: round_of(table.records) for fraction, table in sorted(tables.items())}
    first = next(iter(rounds.values()))
    figure, drawn = panels(first.defenders)
    for axes, defender in zip(drawn, first.defenders, strict=True):
        clean = 100 * float(first.clean(defender).mean()) if first.opponents(defender) else np.nan
        for colour, attacker in zip(COLOURS, first.attackers, strict=False):
            points = [
                (100 * fraction, 100 * played.attacked(attacker, defender).mean())
                for fraction, played in rounds.items()
                if not played.lacking(attacker, defender)
            ]
            axes.plot(*np.array([(0, clean), *points]).T, "o-", ms=3, color=colour, label=attacker)
        axes.set_ylim(0, 100)
    across = "share of the training rows that may be touched, %"
    explain(figure, first.attackers, across, "accuracy, % of the points that count")
    save(figure, path)


def draw_poisoned(
    path: str | os.PathLike[str],
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    labels: npt.ArrayLike,
    poisoned: npt.ArrayLike,
    shape: tuple[int, ...],
    title: str = "",
) -> None:
    """Write a PNG of training rows (n, d) before and after the attack with their labels (n,), and the change if there is any."""
    from matplotlib.figure import Figure

    rows = [np.asarray(x, np.float64).reshape(-1, *shape) for x in (before, after)]
    names = [np.asarray(y) for y in (labels, poisoned)]
    strips = [("before", rows[0], names[0]), ("after", rows[1], names[1])]
    if not np.array_equal(rows[0], rows[1]):
        strips.insert(1, ("change", (rows[1] - rows[0]) / 2 + 0.5, np.full(len(rows[0]), "")))
    n = len(rows[0])
    figure = Figure(figsize=(1.1 * n + 0.6, 1.3 * len(strips) + 0.3))
    panels = figure.subplots(len(strips), n, squeeze=False)
    for line, (name, pictures, captions) in zip(panels, strips, strict=True):
        line[0].set_ylabel(name, fontsize=10)
        for i, axes in enumerate(line):
            axes.imshow(pictures[i], cmap="gray", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
            changed = name == "after" and names[0][i] != names[1][i]
            axes.set_title(f"{captions[i]}", fontsize=10, color="#b3400e" if changed else "black")
    figure.suptitle(title, fontsize=11)
    save(figure, path)
