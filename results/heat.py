"""A round as a heat map: the darker a cell, the more points its defender lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from results.layout import split_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from results.grid import Cell, Grid
    from results.table import ResultsTable

COLOURS = "cividis"  # perceptually uniform, and read alike with and without colour blindness
ABSENT = "#dddddd"
DARK, LIGHT = "#101820", "#ffffff"
PIXELS = 160


def heat_map(table: ResultsTable, path: str | os.PathLike[str], *, round: int | None = None) -> None:
    """Write a PNG of a round's accuracies in percent: clean on top, the attackers, worst case at the bottom.

    `round` is the last one by default; cells without a result are grey. Raises ValueError as `ResultsTable.grid` does.
    """
    from matplotlib.figure import Figure

    grid = table.grid(round)
    figure = Figure(figsize=(3.0 + 0.95 * len(grid.defenders), 1.5 + 0.5 * len(grid.rows)), layout="constrained")
    axes = figure.add_subplot()
    _paint(axes, grid)
    _write_numbers(axes, grid)
    _name_lines(axes, grid)
    figure.savefig(Path(path), dpi=PIXELS, format="png", bbox_inches="tight", pad_inches=0.2)


def _paint(axes: Axes, grid: Grid) -> None:
    percent = np.array([[_percent(cell) for cell in cells] for _, cells in grid.rows])
    axes.set_facecolor(ABSENT)
    image = axes.imshow(np.ma.masked_invalid(percent), cmap=COLOURS, vmin=0, vmax=100, aspect="auto")
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02, fraction=0.05, aspect=24)
    bar.set_label("accuracy, % of test points")
    bar.outline.set_visible(False)


def _write_numbers(axes: Axes, grid: Grid) -> None:
    for i, (_, cells) in enumerate(grid.rows):
        for j, cell in enumerate(cells):
            text = f"{_percent(cell):.1f}" if cell.interval else cell.mark
            colour = LIGHT if cell.interval and cell.interval.estimate < 0.5 else DARK
            axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=10 if cell.interval else 8)


def _name_lines(axes: Axes, grid: Grid) -> None:
    """Label rows and columns, part the cells, and set the rows that are no attacker's apart."""
    rows, columns = len(grid.rows), len(grid.defenders)
    axes.set_xticks(range(columns), ["\n".join(split_name(name)) for name in grid.defenders], fontsize=9)
    axes.set_yticks(range(rows), [label for label, _ in grid.rows], fontsize=10)
    axes.tick_params(length=0, labelbottom=False, labeltop=True)
    axes.spines[:].set_visible(False)
    axes.hlines([i - 0.5 for i in range(1, rows)], -0.5, columns - 0.5, color="white", linewidth=1)
    axes.vlines([j - 0.5 for j in range(1, columns)], -0.5, rows - 0.5, color="white", linewidth=1)
    axes.hlines([0.5, rows - 1.5], -0.52, columns - 0.48, color="white", linewidth=6, clip_on=False)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_title(grid.heading, loc="left", fontsize=12, pad=12)


def _percent(cell: Cell) -> float:
    return 100 * cell.interval.estimate if cell.interval else np.nan
