r"""A report in LaTeX: tables with booktabs, pictures by their file names; the body of an article of its own.

Compile with LuaLaTeX or XeLaTeX, which read names in any script.
"""

from __future__ import annotations

from functools import singledispatch

from results.report import blocks
from results.report.tables import tabled

SHORT = 4  # letters that a column is wide enough for
SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "%": r"\,\%",
    **{letter: f"\\{letter}" for letter in "&$#_{}"},
    **{letter: f"{{{letter}}}" for letter in "[]*"},  # after a line's end they would be its options
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
def _(block: blocks.Bars | blocks.Chart) -> str:
    return _written(tabled(block))


@_written.register
def _(block: blocks.Sheet) -> str:
    rows = [[escaped(label), *map(_cell, entries)] for label, entries in block.rows]
    head = [escaped(block.corner), *map(_turned, block.columns)]
    table = _tabular("l" + "r" * len(block.columns), head, rows, block.rules)
    fitted = rf"\begin{{adjustbox}}{{max width=\linewidth}}{table}\end{{adjustbox}}"
    return f"\\begin{{center}}\n\\emph{{{escaped(block.caption)}}}\\par\\smallskip\n{fitted}\n\\end{{center}}"


def _turned(name: str) -> str:
    return rf"\rotatebox{{60}}{{{escaped(name)}}}" if len(name) > SHORT else escaped(name)


def _cell(entry: blocks.Entry) -> str:
    group = rf"$^{{\mathrm{{{entry.group}}}}}$" if entry.group else ""
    return rf"\cell{{{escaped(entry.text)}{group}}}{{{escaped(entry.around)}}}" if entry.around else escaped(entry.text)


def _tabular(columns: str, head: list[str], rows: list[list[str]], rules: tuple[int, ...] = ()) -> str:
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    lines += [" & ".join(head) + r" \\", r"\midrule"] if head else []
    for number, row in enumerate(rows):
        lines += [" & ".join(row) + r" \\", *([r"\midrule"] if number in rules else [])]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])
