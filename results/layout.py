"""A grid as text: lined up for a terminal, or in Markdown."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from results.verdict import verdict_of

if TYPE_CHECKING:
    from results.grid import Cell, Grid

WIDTH = 110
GAP = "  "
ONE_LINE = 10

Block = tuple[str, ...]  # the lines of one cell, from the top
Notes = dict[str, int]


def terminal(grid: Grid) -> str:
    """Write a plain-text table, each accuracy in percent above its interval, then the game's value and the notes."""
    notes = _notes(grid)
    header = [(), *map(split_name, grid.defenders)]
    rows = [[(label,), *(_stacked(cell, notes) for cell in cells)] for label, cells in grid.rows]
    if grid.training is not None:
        rows.append([("training s",), *((_seconds(mean),) for mean in grid.training)])
    table = _lined_up(header, rows, after=(0, 1, len(grid.attackers) + 1))
    below = [_paragraph(label, text) for label, text in _below(grid, notes)]
    return "\n".join([grid.title, "", *table, "", *below])


def markdown(grid: Grid) -> str:
    """Write GitHub's Markdown: a table with intervals in brackets, then the game's value and the notes as a list."""
    notes = _notes(grid)
    rows = [[label, *(_inline(cell, notes) for cell in cells)] for label, cells in grid.rows]
    if grid.training is not None:
        rows.append(["training s", *map(_seconds, grid.training)])
    below = [f"- {label.strip()}: {text}" if label else f"\n{text}" for label, text in _below(grid, notes)]
    table = [["", *grid.defenders], ["---", *["---:"] * len(grid.defenders)], *rows]
    return "\n".join([f"**{grid.title}**", "", *map(_piped, table), "", *below])


def split_name(name: str) -> Block:
    """Break a long name over two lines, at the hyphen that leaves the shorter longest line."""
    places = [place + 1 for place, letter in enumerate(name) if letter == "-" and place + 1 < len(name)]
    if len(name) <= ONE_LINE or not places:
        return (name,)
    place = min(places, key=lambda place: max(place, len(name) - place))
    return name[:place], name[place:]


def _lined_up(header: list[Block], rows: list[list[Block]], after: Sequence[int]) -> list[str]:
    """Line up columns, labels to the left and cells to the right, with a rule after each row numbered in `after`."""
    widths = [max(len(line) for row in [header, *rows] for line in (*row[k], "")) for k in range(len(header))]
    rule = "-" * (sum(widths) + len(GAP) * (len(widths) - 1))
    height = max(map(len, header))
    lines = [rule]
    for number, row in enumerate([[("",) * (height - len(block)) + block for block in header], *rows]):
        lines += _side_by_side(row, widths) + [rule] * (number in after)
    return [*lines, rule]


def _side_by_side(row: Sequence[Block], widths: Sequence[int]) -> list[str]:
    height = max(map(len, row))
    filled = [block + ("",) * (height - len(block)) for block in row]
    lines = zip(*filled, strict=True)
    return [GAP.join([label.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip() for label, *cells in lines]


def _stacked(cell: Cell, notes: Notes) -> Block:
    if cell.interval is None:
        return (cell.mark, f"[{notes[cell.reason]}]") if cell.reason else (cell.mark,)
    return f"{100 * cell.interval.estimate:.1f}", f"{100 * cell.interval.low:.1f}–{100 * cell.interval.high:.1f}"


def _inline(cell: Cell, notes: Notes) -> str:
    lines = _stacked(cell, notes)
    return f"{lines[0]} ({lines[1]})" if cell.interval else " ".join(lines)


def _notes(grid: Grid) -> Notes:
    """Give each reason a number, in the order in which the table meets them."""
    reasons = dict.fromkeys(cell.reason for row in grid.attacked for cell in row if cell.reason)
    return {reason: number for number, reason in enumerate(reasons, start=1)}


def _below(grid: Grid, notes: Notes) -> list[tuple[str, str]]:
    """Gather the labelled lines under a table, then the sentences without a label."""
    partial = [("worst case", "over the attackers with a result")] if notes else []
    lines = [*verdict_of(grid.payoff), *partial, *((f"[{number}]", reason) for reason, number in notes.items())]
    return sorted(lines, key=lambda line: not line[0])


def _paragraph(label: str, text: str) -> str:
    indent = f"{label:12}" if label else ""
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_on_hyphens=False
    )


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _seconds(mean: float) -> str:
    return "–" if math.isnan(mean) else f"{mean:.1f}"
