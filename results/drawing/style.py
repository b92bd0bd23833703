"""What pictures have in common: colours, resolution, and a panel a defender where there are several."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9")  # Okabe and Ito, 2008
DASHES = ("-", "--", ":", "-.")  # the next one each time the colours have all been used
ACROSS = 4
WIDEST = 32  # letters in a line of a name
GREY, PALE = "#444444", "#dddddd"
PIXELS = 160


def panels(names: Sequence[str], title: str = "") -> tuple[Figure, list[Axes]]:
    """A figure with a panel a name, up to four across, that share their axes."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    across = min(len(names), ACROSS)
    down = -(-len(names) // across)
    figure = Figure(figsize=(2.2 + 2.7 * across, 0.9 + 2.5 * down), layout=ConstrainedLayoutEngine(wspace=0.06))
    drawn = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for axes in drawn[len(names) :]:
        axes.remove()
    for number, (axes, name) in enumerate(zip(drawn, names, strict=False)):
        axes.set_title(textwrap.fill(name, WIDEST), fontsize=10, loc="left")
        axes.grid(color=PALE, linewidth=0.6)
        lowest = number >= len(names) - across  # of its column: the panel below it may have been removed
        axes.tick_params(length=0, labelsize=9, labelcolor=GREY, labelbottom=lowest)
        axes.spines[:].set_visible(False)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure, list(drawn[: len(names)])


def explain(figure: Figure, order: Sequence[str], across: str, up: str) -> None:
    """Name the axes once for all panels, and beside the panel in the upper right corner the lines, in the order given."""
    figure.supxlabel(across, fontsize=10)
    figure.supylabel(up, fontsize=10)
    lines = {str(line.get_label()): line for axes in figure.axes for line in axes.get_lines()}
    shown = [name for name in order if name in lines]
    labels = [textwrap.fill(name, WIDEST) for name in shown]
    corner = figure.axes[min(len(figure.axes), ACROSS) - 1]
    corner.legend(
        [lines[name] for name in shown], labels, loc="upper left", bbox_to_anchor=(1.04, 1.03), frameon=False,
        handlelength=1.6, fontsize=10,
    )  # fmt: skip


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write the figure as a PNG, cut to what is drawn."""
    figure.savefig(Path(path), dpi=PIXELS, format="png", bbox_inches="tight", pad_inches=0.15)
