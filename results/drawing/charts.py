"""Figures of claims as data: panels of lines, of bars, of points or of pictures, to be drawn side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from results.statistics.intervals import Interval


@dataclass(frozen=True, eq=False)
class Line:
    """A curve: x (k,), y (k,) and, where known, the interval (k,) around it."""

    label: str
    x: Sequence[float] | Any
    y: Sequence[float] | Any
    low: Sequence[float] | Any = None
    high: Sequence[float] | Any = None

    @classmethod
    def of(cls, label: str, x: Sequence[float] | Any, intervals: Sequence[Interval], scale: float = 100) -> Line:
        """A curve of intervals, in percent unless another scale is given."""
        parts = [[scale * getattr(i, name) for i in intervals] for name in ("estimate", "low", "high")]
        return cls(label, x, *parts)


@dataclass(frozen=True, eq=False, kw_only=True)
class Lines:
    """A panel of curves with a legend; `logx`, `logy` for log scales, `percent` for an axis from 0 to 100."""

    title: str
    xlabel: str
    ylabel: str
    lines: Sequence[Line]
    logx: bool = False
    logy: bool = False
    percent: bool = False
    mark: tuple[float, str] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Bars:
    """A panel of bars, a group a label and a bar a series, each with its interval."""

    title: str
    ylabel: str
    labels: Sequence[str]
    series: Mapping[str, Sequence[Interval]]
    scale: float = 100
    logy: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Points:
    """A panel of named points (x, y)."""

    title: str
    xlabel: str
    ylabel: str
    points: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictures:
    """A panel of pictures (rows, columns) of (h, w[, 3]) in [0, 1], with names for rows and columns."""

    title: str
    images: Sequence[Sequence[Any]]
    rows: Sequence[str]
    columns: Sequence[str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Surface:
    """A panel of heights z (len(y), len(x)), as filled contours."""

    title: str
    xlabel: str
    ylabel: str
    x: Any
    y: Any
    z: Any
    zlabel: str


Panel: TypeAlias = Lines | Bars | Points | Pictures | Surface


@dataclass(frozen=True, eq=False)
class Chart:
    """A title and its panels, from left to right, with their relative widths."""

    title: str
    panels: Sequence[Panel]
    widths: Sequence[float] = field(default=())
