"""A report as one HTML file that needs nothing else: no script, no request, light and dark, on a phone and on paper."""

from __future__ import annotations

from base64 import b64encode
from functools import singledispatch
from importlib.resources import files

from results.report import blocks, chart
from results.report.markup import Markup, element, joined

WIDE = 10  # more columns than this are printed small
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def to_html(report: blocks.Report) -> str:
    """Write a report as a self-contained page, every text in it escaped."""
    style = files("results.report").joinpath("style.css").read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", report.title),
        element("style", Markup(style)),
    )
    top = element("header", element("h1", report.title), element("p", report.subtitle, class_="subtitle"))
    body = element("body", top, element("main", *map(_section, report.sections)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _section(section: blocks.Section) -> Markup:
    return element("section", element("h2", section.title), *map(_written, section.blocks))


@singledispatch
def _written(block: blocks.Block) -> Markup:
    raise TypeError(f"no way to write a {type(block).__name__}")


@_written.register
def _(block: blocks.Words) -> Markup:
    return element("p", block.text)


@_written.register
def _(block: blocks.Verbatim) -> Markup:
    return element("pre", block.text, tabindex="0")


@_written.register
def _(block: blocks.Facts) -> Markup:
    return element("dl", *(joined(element("dt", label), element("dd", text)) for label, text in block.facts))


@_written.register
def _(block: blocks.Figures) -> Markup:
    return element("div", *map(_figure, block.figures), class_="figures")


def _figure(figure: blocks.Figure) -> Markup:
    number = element("strong", figure.value, _if("small", figure.around))
    return element("div", element("span", figure.label), number, element("span", figure.meaning, class_="meaning"))


@_written.register
def _(block: blocks.Picture) -> Markup:
    source = f"data:image/png;base64,{b64encode(block.png).decode()}"
    return element("figure", element("img", src=source, alt=block.caption), element("figcaption", block.caption))


@_written.register
def _(block: blocks.Chart) -> Markup:
    return element("figure", element("figcaption", block.caption), chart.legend(block), chart.draw(block))


@_written.register
def _(block: blocks.Bars) -> Markup:
    rows = []
    for name, share in block.shares:
        low, wide = 100 * share.low, 100 * (share.high - share.low)
        bar = element("i", style=f"width:{100 * share.estimate:.1f}%")
        whisker = element("b", style=f"left:{low:.1f}%;width:{wide:.1f}%") if wide else Markup()
        number = element("td", f"{100 * share.estimate:.1f}", element("small", f"{low:.1f}–{low + wide:.1f}"))
        track = element("td", element("div", bar, whisker, class_="track"), class_="bar")
        rows.append(element("tr", element("th", name, scope="row"), track, number))
    return element("table", element("caption", block.caption), element("tbody", *rows), class_="bars")


@_written.register
def _(block: blocks.Sheet) -> Markup:
    corner = element("td")
    head = element("tr", corner, *(element("th", name, scope="col") for name in block.columns))
    rows = []
    for number, (label, entries) in enumerate(block.rows):
        rule = {"class_": "rule"} if number in block.rules else {}
        rows.append(element("tr", element("th", label, scope="row"), *map(_cell, entries), **rule))
    caption = element("caption", element("span", block.caption))
    table = element("table", caption, element("thead", head), element("tbody", *rows))
    return element("div", table, class_="scroll wide" if len(block.columns) > WIDE else "scroll", tabindex="0")


def _cell(entry: blocks.Entry) -> Markup:
    shade = {} if entry.shade is None else {"class_": "shaded", "style": f"--share:{entry.shade:.3f}"}
    reason = {"title": entry.reason} if entry.reason else {}
    group, around = _if("sup", entry.group), _if("small", entry.around)
    return element("td", entry.text, group, around, **shade, **reason)


def _if(kind: str, text: str) -> Markup:
    return element(kind, text) if text else Markup()
