"""Text that lines up in a terminal: cells in columns, a rule between groups of rows, labelled paragraphs below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from results.tables.grid import Cell

WIDTH = 110
GAP = "  "
ONE_LINE = 10

Block = tuple[str, ...]  # the lines of one cell, from the top
Notes = dict[str, int]


def heading(scenario: str, round: int) -> str:
    """Name a scenario, and the round if it is not the first."""
    return f"{scenario}, round {round}" if round else scenario


def sample(seeds: Sequence[int], points: int) -> str:
    """Say how large a sample is."""
    return f"{len(seeds)} seed{'s' * (len(seeds) != 1)} × {points} points"


def split_name(name: str) -> Block:
    """Break a long name over two lines, at the hyphen that leaves the shorter longest line."""
    places = [place + 1 for place, letter in enumerate(name) if letter == "-" and place + 1 < len(name)]
    if len(name) <= ONE_LINE or not places:
        return (name,)
    place = min(places, key=lambda place: max(place, len(name) - place))
    return name[:place], name[place:]


def lined_up(header: list[Block], rows: list[list[Block]], after: Sequence[int]) -> list[str]:
    """Line up columns, labels to the left and cells to the right, with a rule after each row numbered in `after`."""
    widths = [max(len(line) for row in [header, *rows] for line in (*row[k], "")) for k in range(len(header))]
    rule = "-" * (sum(widths) + len(GAP) * (len(widths) - 1))
    height = max(map(len, header))
    lines = [rule]
    for number, row in enumerate([[("",) * (height - len(block)) + block for block in header], *rows]):
        lines += _side_by_side(row, widths) + [rule] * (number in after)
    return [*lines, rule]


def columns_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of one-line cells, the first column to the left."""
    return "\n".join(lined_up([(name,) for name in header], [[(cell,) for cell in row] for row in rows], [0]))


def _side_by_side(row: Sequence[Block], widths: Sequence[int]) -> list[str]:
    height = max(map(len, row))
    filled = [block + ("",) * (height - len(block)) for block in row]
    lines = zip(*filled, strict=True)
    return [GAP.join([label.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip() for label, *cells in lines]


def stacked(cell: Cell, notes: Notes) -> Block:
    """Write a share in percent above its interval, or a mark above the number of its reason."""
    if cell.interval is None:
        return (cell.mark, f"[{notes[cell.reason]}]") if cell.reason else (cell.mark,)
    return f"{100 * cell.interval.estimate:.1f}", f"{100 * cell.interval.low:.1f}–{100 * cell.interval.high:.1f}"


def numbered(cells: Iterable[Cell]) -> Notes:
    """Give each reason a number, in the order in which they are met."""
    reasons = dict.fromkeys(cell.reason for cell in cells if cell.reason)
    return {reason: number for number, reason in enumerate(reasons, start=1)}


def paragraph(label: str, text: str) -> str:
    """Wrap a text, hanging beside its label if it has one."""
    indent = f"{label:12}" if label else ""
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_on_hyphens=False
    )
