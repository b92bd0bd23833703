"""Bars and curves as tables, for the forms that are text alone."""

from __future__ import annotations

from results.report.blocks import Bars, Chart, Entry, Sheet
from results.report.numbers import around, percent

ROUNDS = (1, 10, 100, 1000)  # where a curve is read


def tabled(block: Bars | Chart) -> Sheet:
    """A table of the shares with their intervals, or of the curves' heights after some rounds."""
    if isinstance(block, Bars):
        shares = tuple((name, (Entry(percent(share.estimate), around(share)),)) for name, share in block.shares)
        return Sheet(block.caption, ("%",), shares)
    curves = tuple((series.name, tuple(Entry(f"{series.at(x):.2g}") for x in ROUNDS)) for series in block.series)
    return Sheet(f"{block.caption}: {block.up}", tuple(map(str, ROUNDS)), curves, corner=f"after {block.across}")
