"""A report in GitHub's Markdown: the same tables, bars and curves as tables, pictures by their file names."""

from __future__ import annotations

import re
from functools import singledispatch

from results.report import blocks

ROUNDS = (1, 10, 100, 1000)  # where a curve is read
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
def _(block: blocks.Bars) -> str:
    rows = [[name, f"{100 * s.estimate:.1f} ({100 * s.low:.1f}–{100 * s.high:.1f})"] for name, s in block.shares]
    return _table(block.caption, ["", "%"], rows)


@_written.register
def _(block: blocks.Chart) -> str:
    read = [[series.name, *(f"{series.at(x):.2g}" for x in ROUNDS)] for series in block.series]
    return _table(f"{block.caption}: {block.up}", [f"after {block.across}", *map(str, ROUNDS)], read)


@_written.register
def _(block: blocks.Sheet) -> str:
    rows = [[label, *map(_cell, entries)] for label, entries in block.rows]
    return _table(block.caption, ["", *block.columns], rows)


def _cell(entry: blocks.Entry) -> str:
    return entry.text + f" ({entry.around})" * bool(entry.around) + f" {entry.group}" * bool(entry.group)


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    ruler = "|".join(["---", *["---:"] * (len(head) - 1)])
    lines = [f"| {' | '.join(map(escaped, cells))} |" for cells in (head, *rows)]
    return "\n".join([f"*{escaped(caption)}*", "", lines[0], f"|{ruler}|", *lines[1:]])
