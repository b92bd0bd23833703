"""Curves over logarithmic axes as an inline SVG that takes its colours from the page."""

from __future__ import annotations

import math

import numpy as np

from results.rankings.fixation import Vector
from results.report.blocks import Chart, Series
from results.report.markup import Markup, element, joined

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 28, 10, 50


def draw(chart: Chart) -> Markup:
    """Draw a chart with a grid line a power of ten; series k has the class `series-k`."""
    xs, ys = (np.log10(np.concatenate([getattr(s, axis) for s in chart.series])) for axis in "xy")
    box = (
        math.floor(xs.min()),
        math.ceil(xs.max()) or 1,
        math.floor(ys.min()),
        max(math.ceil(ys.max()), math.floor(ys.min()) + 1),
    )
    names = ", ".join(series.name for series in chart.series)
    parts = [element("title", f"{chart.caption}: {names}"), *_grid(box), *_names(chart)]
    parts += [_curve(series, number, box) for number, series in enumerate(chart.series)]
    return element("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", class_="chart")


def legend(chart: Chart) -> Markup:
    """The names of the series, each beside a stroke of its colour."""
    items = (element("li", element("i", class_=f"series-{k}"), series.name) for k, series in enumerate(chart.series))
    return element("ul", *items, class_="legend")


def _powers(logarithms: Vector) -> tuple[int, int]:
    low = math.floor(logarithms.min())
    return low, max(math.ceil(logarithms.max()), low + 1)


def _place(x: float, y: float, box: tuple[int, int, int, int]) -> tuple[str, str]:
    across = LEFT + (x - box[0]) / (box[1] - box[0]) * (WIDTH - LEFT - RIGHT)
    up = HEIGHT - BOTTOM - (y - box[2]) / (box[3] - box[2]) * (HEIGHT - TOP - BOTTOM)
    return f"{across:.1f}", f"{up:.1f}"


def _grid(box: tuple[int, int, int, int]) -> list[Markup]:
    lines = []
    for power in range(box[0], box[1] + 1):
        x, y = _place(power, box[2], box)
        lines.append(element("line", x1=x, x2=x, y1=str(TOP), y2=y, class_="grid"))
        lines.append(element("text", f"{10**power:g}", x=x, y=str(HEIGHT - BOTTOM + 20), text_anchor="middle"))
    for power in range(box[2], box[3] + 1):
        x, y = _place(box[0], power, box)
        lines.append(element("line", x1=x, x2=str(WIDTH - RIGHT), y1=y, y2=y, class_="grid"))
        lines.append(element("text", f"{10.0**power:g}", x=str(LEFT - 8), y=y, dy="0.32em", text_anchor="end"))
    return lines


def _names(chart: Chart) -> list[Markup]:
    middle = f"{TOP + (HEIGHT - TOP - BOTTOM) / 2:.0f}"
    turned = f"rotate(-90 16 {middle})"
    return [
        element("text", chart.across, x=f"{(WIDTH + LEFT) / 2:.0f}", y=str(HEIGHT - 6), text_anchor="middle"),
        element("text", chart.up, x="16", y=middle, text_anchor="middle", transform=turned),
    ]


def _curve(series: Series, number: int, box: tuple[int, int, int, int]) -> Markup:
    points = (_place(x, y, box) for x, y in zip(np.log10(series.x), np.log10(series.y), strict=True))
    path = " ".join(",".join(point) for point in points)
    return joined(element("polyline", points=path, class_=f"curve series-{number}"))
