"""A report in GitHub's Markdown: the same tables, bars and curves as tables, pictures by their file names."""

from __future__ import annotations

import re
from functools import singledispatch

from results.report import blocks
from results.report.tables import tabled

SPECIAL = re.compile(r"([\\`*_\[\]<>|#&~])")


def to_markdown(report: blocks.Report) -> str:
    """Write a report as Markdown, every name in it escaped."""
    parts = [f"# {escaped(report.title)}", escaped(report.subtitle)]
    for section in report.sections:
        parts += [f"## {escaped(section.title)}", *map(_written, section.blocks)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text in which Markdown and HTML see nothing but text."""
    return SPECIAL.sub(r"\\\1", text)


@singledispatch
def _written(block: blocks.Block) -> str:
    raise TypeError(f"no way to write a {type(block).__name__}")


@_written.register
def _(block: blocks.Words) -> str:
    return escaped(block.text)


@_written.register
def _(block: blocks.Verbatim) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", block.text)), default=0))
    return f"{fence}\n{block.text}\n{fence}"


@_written.register
def _(block: blocks.Facts) -> str:
    return "\n".join(f"- {escaped(label)}: {escaped(text)}" for label, text in block.facts)


@_written.register
def _(block: blocks.Figures) -> str:
    said = ((f.label, f"{f.value}{f' ({f.around})' * bool(f.around)}, {f.meaning}") for f in block.figures)
    return "\n".join(f"- {escaped(label)}: **{escaped(text)}**" for label, text in said)


@_written.register
def _(block: blocks.Picture) -> str:
    return f"![{escaped(block.caption)}](<{block.name}>)"


@_written.register
def _(block: blocks.Bars | blocks.Chart) -> str:
    return _written(tabled(block))


@_written.register
def _(block: blocks.Sheet) -> str:
    rows = [[block.corner, *block.columns], *([label, *map(_cell, entries)] for label, entries in block.rows)]
    head, *lines = (f"| {' | '.join(map(escaped, cells))} |" for cells in rows)
    ruler = "|".join(["---", *["---:"] * len(block.columns)])
    return "\n".join([f"*{escaped(block.caption)}*", "", head, f"|{ruler}|", *lines])


def _cell(entry: blocks.Entry) -> str:
    return entry.text + f" ({entry.around})" * bool(entry.around) + f" {entry.group}" * bool(entry.group)
