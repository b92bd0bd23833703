"""A grid as text: lined up for a terminal, or in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from results.game.verdict import verdict_of
from results.tables.columns import Notes, lined_up, numbered, paragraph, split_name, stacked

if TYPE_CHECKING:
    from results.tables.grid import Cell, Grid


def terminal(grid: Grid) -> str:
    """Write a plain-text table, each accuracy in percent above its interval, then the game's value and the notes."""
    notes = numbered(cell for row in grid.attacked for cell in row)
    header = [(), *map(split_name, grid.defenders)]
    rows = [[(label,), *(stacked(cell, notes) for cell in cells)] for label, cells in _shown(grid)]
    if grid.training is not None:
        rows.append([("training s",), *((_seconds(mean),) for mean in grid.training)])
    table = lined_up(header, rows, after=(0, 1, len(grid.attackers) + 1))
    below = [paragraph(label, text) for label, text in _below(grid, notes)]
    return "\n".join([grid.title, "", *table, "", *below])


def markdown(grid: Grid) -> str:
    """Write GitHub's Markdown: a table with intervals in brackets, then the game's value and the notes as a list."""
    notes = numbered(cell for row in grid.attacked for cell in row)
    rows = [[label, *(_inline(cell, notes) for cell in cells)] for label, cells in _shown(grid)]
    if grid.training is not None:
        rows.append(["training s", *map(_seconds, grid.training)])
    below = [f"- {label.strip()}: {text}" if label else f"\n{text}" for label, text in _below(grid, notes)]
    table = [["", *grid.defenders], ["---", *["---:"] * len(grid.defenders)], *rows]
    return "\n".join([f"**{grid.title}**", "", *map(_piped, table), "", *below])


def _shown(grid: Grid) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """All rows of accuracies, from the top."""
    return grid.rows if grid.certified is None else (*grid.rows, ("certified", grid.certified))


def _inline(cell: Cell, notes: Notes) -> str:
    lines = stacked(cell, notes)
    return f"{lines[0]} ({lines[1]})" if cell.interval else " ".join(lines)


def _below(grid: Grid, notes: Notes) -> list[tuple[str, str]]:
    """Gather the labelled lines under a table, then the sentences without a label."""
    partial = [("worst case", "over the attackers with a result")] if notes else []
    lines = [*verdict_of(grid.payoff), *partial, *((f"[{number}]", reason) for reason, number in notes.items())]
    return sorted(lines, key=lambda line: not line[0])


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _seconds(mean: float) -> str:
    return "–" if math.isnan(mean) else f"{mean:.1f}"
