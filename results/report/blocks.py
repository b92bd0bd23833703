"""What a report is made of, before anybody decides how it looks: sections of tables, bars, curves, pictures and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from results.rankings.fixation import Vector
from results.statistics.intervals import Interval


@dataclass(frozen=True)
class Entry:
    """One cell: a text, its interval, the share in [0, 1] that shades it, a reason where it is empty, tie groups."""

    text: str
    around: str = ""
    shade: float | None = None
    reason: str = ""
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """A table: a caption, the columns' names, labelled rows of entries, the rows after which a rule is drawn, its corner."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Entry, ...]], ...]
    rules: tuple[int, ...] = ()
    corner: str = ""


@dataclass(frozen=True)
class Figure:
    """One number to remember: what it is, the number, its interval, and what it means."""

    label: str
    value: str
    around: str
    meaning: str


@dataclass(frozen=True)
class Figures:
    """The few numbers that stand first."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Bars:
    """Shares in [0, 1] with their intervals, by name."""

    caption: str
    shares: tuple[tuple[str, Interval], ...]


@dataclass(frozen=True, eq=False)
class Series:
    """A curve: its name and its points, two arrays of one shape, all above zero."""

    name: str
    x: Vector
    y: Vector

    def at(self, x: float) -> float:
        """The curve's height at the last point up to x, at its first where there is none."""
        return float(self.y[max(int((self.x <= x).sum()) - 1, 0)])


@dataclass(frozen=True)
class Chart:
    """Curves over one pair of logarithmic axes."""

    caption: str
    across: str
    up: str
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Facts:
    """Labelled sentences."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Verbatim:
    """Text whose spaces and lines count: a command, or a table that is already lined up."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A PNG by the name of its file, and what it shows."""

    name: str
    caption: str
    png: bytes


Block: TypeAlias = Sheet | Figures | Bars | Chart | Facts | Words | Verbatim | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A run, told once; `to_html`, `to_markdown` and `to_latex` write it down."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
