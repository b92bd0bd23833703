"""Shares as a heat map: the darker a cell, the more points its defender lost."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from results.tables.columns import split_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from results.tables.grid import Cell
    from results.tables.table import ResultsTable

COLOURS = "cividis"  # perceptually uniform, and read alike with and without colour blindness; _r for the way back
ABSENT = "#dddddd"
DARK, LIGHT = "#101820", "#ffffff"
PIXELS = 160
WIDEST = 32  # letters in a line of a row's label


@dataclass(frozen=True)
class Sheet:
    """What a heat map shows: labelled rows of cells, shares from 0 to 1, with the last row and a few at the top apart."""

    heading: str
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    columns: tuple[str, ...]
    quantity: str
    colours: str = COLOURS
    apart: int = 1


def heat_map(table: ResultsTable, path: str | os.PathLike[str], *, round: int | None = None) -> None:
    """Write a PNG of a round's accuracies in percent: clean on top, the attackers, worst case at the bottom.

    `round` is the last one by default; cells without a result are grey. Raises ValueError as `ResultsTable.grid` does.
    """
    grid = table.grid(round)
    draw_sheet(Sheet(grid.heading, grid.rows, grid.defenders, "accuracy, % of test points"), path)


def draw_sheet(sheet: Sheet, path: str | os.PathLike[str]) -> None:
    """Write a PNG of a sheet, in percent; cells without a share are grey and show their mark."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.0 + 0.95 * len(sheet.columns), 1.5 + 0.5 * len(sheet.rows)), layout="constrained")
    axes = figure.add_subplot()
    _paint(axes, sheet)
    _write_numbers(axes, sheet)
    _name_lines(axes, sheet)
    figure.savefig(Path(path), dpi=PIXELS, format="png", bbox_inches="tight", pad_inches=0.2)


def _paint(axes: Axes, sheet: Sheet) -> None:
    percent = np.array([[_percent(cell) for cell in cells] for _, cells in sheet.rows])
    axes.set_facecolor(ABSENT)
    image = axes.imshow(np.ma.masked_invalid(percent), cmap=sheet.colours, vmin=0, vmax=100, aspect="auto")
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02, fraction=0.05, aspect=24)
    bar.set_label(sheet.quantity)
    bar.outline.set_visible(False)


def _write_numbers(axes: Axes, sheet: Sheet) -> None:
    for i, (_, cells) in enumerate(sheet.rows):
        for j, cell in enumerate(cells):
            text = f"{_percent(cell):.1f}" if cell.interval else cell.mark
            colour = LIGHT if _is_dark(cell, sheet) else DARK
            axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=10 if cell.interval else 8)


def _name_lines(axes: Axes, sheet: Sheet) -> None:
    """Label rows and columns, part the cells, and set the rows that are no attacker's apart."""
    rows, columns = len(sheet.rows), len(sheet.columns)
    axes.set_xticks(range(columns), ["\n".join(split_name(name)) for name in sheet.columns], fontsize=9)
    axes.set_yticks(range(rows), [textwrap.fill(label, WIDEST) for label, _ in sheet.rows], fontsize=10)
    axes.tick_params(length=0, labelbottom=False, labeltop=True)
    axes.spines[:].set_visible(False)
    axes.hlines([i - 0.5 for i in range(1, rows)], -0.5, columns - 0.5, color="white", linewidth=1)
    axes.vlines([j - 0.5 for j in range(1, columns)], -0.5, rows - 0.5, color="white", linewidth=1)
    edges = [sheet.apart - 0.5] * (sheet.apart > 0) + [rows - 1.5]
    axes.hlines(edges, -0.52, columns - 0.48, color="white", linewidth=6, clip_on=False)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_title(sheet.heading, loc="left", fontsize=12, pad=12)


def _is_dark(cell: Cell, sheet: Sheet) -> bool:
    if cell.interval is None:
        return False
    return (cell.interval.estimate < 0.5) != sheet.colours.endswith("_r")


def _percent(cell: Cell) -> float:
    return 100 * cell.interval.estimate if cell.interval else np.nan
