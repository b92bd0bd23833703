"""Charts as PNG files: each kind of panel knows how it is drawn."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from results.drawing.charts import Bars, Chart, Lines, Pictures, Points, Surface
from results.drawing.style import COLOURS, GREY, PALE, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TALL = 4.6
LETTERS = 66  # in a line of a legend


def draw_chart(chart: Chart, path: str | os.PathLike[str]) -> None:
    """Write the chart as a PNG."""
    from matplotlib.figure import Figure

    widths = list(chart.widths) or [1.0] * len(chart.panels)
    figure = Figure(figsize=(5.1 * sum(widths), TALL), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12)  # type: ignore[union-attr,call-arg]  # constrained, as asked for above
    parts = figure.subfigures(1, len(widths), width_ratios=widths, squeeze=False)[0]
    for part, panel in zip(parts, chart.panels, strict=True):
        _DRAW[type(panel)](part, panel)
    figure.suptitle(textwrap.fill(chart.title, int(50 * sum(widths))), fontsize=13, x=0.01, ha="left", weight="bold")
    save(figure, path)


def _axes(part: Any, panel: Any) -> Axes:
    axes: Axes = part.subplots()
    axes.set_title(textwrap.fill(panel.title, 54), fontsize=10.5, loc="left", color=GREY)
    axes.set_ylabel(panel.ylabel, fontsize=10)
    axes.tick_params(length=0, labelsize=9, labelcolor=GREY)
    axes.spines[:].set_visible(False)
    axes.set_axisbelow(True)
    return axes


def _legend(axes: Axes, labels: Iterable[str]) -> None:
    """Below the panel, where it hides nothing, in as many columns as its labels leave room for."""
    columns = max(LETTERS // (max(map(len, labels)) + 6), 1)
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.17), ncols=columns, frameon=False, fontsize=9)


def _lines(part: Any, panel: Lines) -> None:
    axes = _axes(part, panel)
    for k, (line, colour) in enumerate(zip(panel.lines, COLOURS * 3, strict=False)):
        if line.low is not None:
            axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.16, linewidth=0)
        style, order = ("o--", 3) if k % 2 else ("o-", 2)  # of two that coincide both are seen
        axes.plot(line.x, line.y, style, ms=3.5, lw=1.8, color=colour, label=line.label, clip_on=False, zorder=order)
    if panel.logx:
        axes.set_xscale("log", base=2)
        axes.set_xticks(panel.lines[0].x, [f"{x:g}" for x in panel.lines[0].x])
    if panel.logy:
        axes.set_yscale("log")
    if panel.percent:
        axes.set_ylim(0, 100)
    if panel.mark:
        axes.axvline(panel.mark[0], color=GREY, lw=0.9, ls=":")
        axes.text(
            panel.mark[0],
            1,
            f" {panel.mark[1]}",
            transform=axes.get_xaxis_transform(),
            fontsize=8.5,
            va="top",
            color=GREY,
        )
    axes.set_xlabel(panel.xlabel, fontsize=10)
    axes.grid(color=PALE, linewidth=0.6)
    _legend(axes, [line.label for line in panel.lines])


def _bars(part: Any, panel: Bars) -> None:
    axes = _axes(part, panel)
    wide = 0.8 / len(panel.series)
    for k, (name, intervals) in enumerate(panel.series.items()):
        x = np.arange(len(panel.labels)) + (k - (len(panel.series) - 1) / 2) * wide
        y = np.array([panel.scale * i.estimate for i in intervals])
        error = [
            [panel.scale * max(i.estimate - i.low, 0) for i in intervals],
            [panel.scale * max(i.high - i.estimate, 0) for i in intervals],
        ]
        axes.bar(
            x, y, wide * 0.92, color=COLOURS[k], label=name, yerr=error, error_kw={"elinewidth": 1, "ecolor": "#333333"}
        )
        for place, value, above in zip(x, y, error[1], strict=True):
            axes.annotate(
                f"{value:.1f}" if panel.scale == 100 else f"{value:.2g}",
                (place, max(value + above, 0)),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
    axes.set_xticks(
        range(len(panel.labels)),
        [textwrap.fill(name.replace("-", "- "), 13).replace("- ", "-") for name in panel.labels],
    )
    if panel.logy:
        axes.set_yscale("log")
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    if len(panel.series) > 1:
        _legend(axes, panel.series)


def _points(part: Any, panel: Points) -> None:
    axes = _axes(part, panel)
    for number, (name, (x, y)) in enumerate(panel.points.items(), start=1):
        axes.plot(x, y, "o", color=COLOURS[0], ms=13, alpha=0.25, mew=0, label=f"{number} {name}")
        axes.annotate(str(number), (x, y), ha="center", va="center", fontsize=8)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1.02), frameon=False, fontsize=7.5, handlelength=0, markerscale=0)
    axes.set_xlabel(panel.xlabel, fontsize=10)
    axes.margins(0.12)
    axes.grid(color=PALE, linewidth=0.6)


def _pictures(part: Any, panel: Pictures) -> None:
    grid = part.subplots(len(panel.rows), len(panel.columns), squeeze=False)
    part.suptitle(panel.title, fontsize=10.5, color=GREY)
    for i, name in enumerate(panel.rows):
        for j, column in enumerate(panel.columns):
            axes = grid[i, j]
            axes.imshow(np.clip(panel.images[i][j], 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set(color="#aaaaaa", linewidth=0.6)
            if i == 0:
                axes.set_title(column, fontsize=9)
            if j == 0:
                axes.set_ylabel(textwrap.fill(name, 14), fontsize=9, rotation=0, ha="right", va="center", labelpad=6)


def _surface(part: Any, panel: Surface) -> None:
    axes = _axes(part, panel)
    drawn = axes.contourf(panel.x, panel.y, panel.z, levels=16, cmap="viridis")
    axes.set_xlabel(panel.xlabel, fontsize=10)
    bar = part.colorbar(drawn, ax=axes)
    bar.set_label(panel.zlabel, fontsize=9)
    bar.ax.tick_params(labelsize=8, length=0)
    bar.outline.set_visible(False)


_DRAW: dict[type, Any] = {Lines: _lines, Bars: _bars, Points: _points, Pictures: _pictures, Surface: _surface}
