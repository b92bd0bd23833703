r"""A report in LaTeX: tables with booktabs, pictures by their file names; the body of an article of its own.

Compile with LuaLaTeX or XeLaTeX, which read names in any script.
"""

from __future__ import annotations

from functools import singledispatch

from results.report import blocks
from results.report.markdown import ROUNDS

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "%": r"\,\%",
    **{letter: f"\\{letter}" for letter in "&$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "α": r"$\alpha$",
    "≤": r"$\leq$",
    "×": r"$\times$",
    "·": r"$\cdot$",
}
HEAD = r"""\documentclass[a4paper]{article}
\usepackage{booktabs,graphicx,adjustbox}
\usepackage[margin=18mm]{geometry}
\newcommand{\cell}[2]{\begin{tabular}[t]{@{}r@{}}#1\\[-3pt]{\tiny #2}\end{tabular}}
\setlength{\parindent}{0pt}
\begin{document}"""


def to_latex(report: blocks.Report) -> str:
    """Write a report as a LaTeX article, every name in it escaped."""
    parts = [HEAD, rf"\section*{{{escaped(report.title)}}}", escaped(report.subtitle)]
    for section in report.sections:
        parts += [rf"\subsection*{{{escaped(section.title)}}}", *map(_written, section.blocks)]
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def escaped(text: str) -> str:
    """Text in which LaTeX sees nothing but text."""
    return "".join(SPECIAL.get(letter, letter) for letter in text.replace(" %", "%"))


@singledispatch
def _written(block: blocks.Block) -> str:
    raise TypeError(f"no way to write a {type(block).__name__}")


@_written.register
def _(block: blocks.Words) -> str:
    return escaped(block.text)


@_written.register
def _(block: blocks.Verbatim) -> str:
    lines = (escaped(line).replace(" ", "~") for line in block.text.split("\n"))
    return "{\\tiny\\ttfamily\n" + "\\\\\n".join(line or "~" for line in lines) + "\\par}"


@_written.register
def _(block: blocks.Facts) -> str:
    items = (rf"\item[{{{escaped(label)}}}] {escaped(text)}" for label, text in block.facts)
    return "\n".join([r"\begin{description}", *items, r"\end{description}"])


@_written.register
def _(block: blocks.Figures) -> str:
    rows = [[f.label, rf"\textbf{{{escaped(f.value)}}} {escaped(f.around)}", escaped(f.meaning)] for f in block.figures]
    return _tabular("lll", [], [[escaped(row[0]), *row[1:]] for row in rows])


@_written.register
def _(block: blocks.Picture) -> str:
    return rf"\includegraphics[width=\linewidth]{{\detokenize{{{block.name}}}}}" + f"\n\n{escaped(block.caption)}"


@_written.register
def _(block: blocks.Bars) -> str:
    rows = [[escaped(name), f"{100 * s.estimate:.1f}", _span(100 * s.low, 100 * s.high)] for name, s in block.shares]
    return _captioned(block.caption, _tabular("lrr", ["", r"\%", r"95\,\%"], rows))


@_written.register
def _(block: blocks.Chart) -> str:
    rows = [[escaped(series.name), *(f"{series.at(x):.2g}" for x in ROUNDS)] for series in block.series]
    head = [f"after {escaped(block.across)}", *map(str, ROUNDS)]
    return _captioned(f"{block.caption}: {block.up}", _tabular("l" + "r" * len(ROUNDS), head, rows))


@_written.register
def _(block: blocks.Sheet) -> str:
    rows = [[escaped(label), *map(_cell, entries)] for label, entries in block.rows]
    head = ["", *(rf"\rotatebox{{60}}{{{escaped(name)}}}" for name in block.columns)]
    table = _tabular("l" + "r" * len(block.columns), head, rows, block.rules)
    return _captioned(block.caption, rf"\begin{{adjustbox}}{{max width=\linewidth}}{table}\end{{adjustbox}}")


def _cell(entry: blocks.Entry) -> str:
    group = rf"$^{{\mathrm{{{entry.group}}}}}$" if entry.group else ""
    return rf"\cell{{{escaped(entry.text)}{group}}}{{{escaped(entry.around)}}}" if entry.around else escaped(entry.text)


def _span(low: float, high: float) -> str:
    return f"{low:.1f}--{high:.1f}"


def _captioned(caption: str, table: str) -> str:
    return f"\\begin{{center}}\n\\emph{{{escaped(caption)}}}\\par\\smallskip\n{table}\n\\end{{center}}"


def _tabular(columns: str, head: list[str], rows: list[list[str]], rules: tuple[int, ...] = ()) -> str:
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    lines += [" & ".join(head) + r" \\", r"\midrule"] if head else []
    for number, row in enumerate(rows):
        lines += [" & ".join(row) + r" \\", *([r"\midrule"] if number in rules else [])]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])
