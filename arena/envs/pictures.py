"""What an attack in progress looks like: the digit, the noise, the attacked digit and the scores; as pixels and as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from arena.engine.arrays import Array
from arena.learning.attempts import Attempts

RIGHT, WRONG, GREY = "#1b5e7d", "#b3400e", "#b8b8b8"


def drawn(state: Attempts, shape: tuple[int, ...], *, scores: bool = True) -> Array:
    """The first slot as pixels (h, w, 3) uint8; without `scores` only the label has been said."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 2.6), dpi=80)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(
        1, 4, gridspec_kw={"wspace": 0.35, "left": 0.03, "right": 0.98, "bottom": 0.16, "top": 0.84}
    )
    radius, (low, high) = state.ball.radius, state.ball.box
    noise = (state.x[0] - state.center[0]) / radius
    sheets = (
        ("clean", state.center[0], low, high, "gray"),
        (f"noise, ± {radius:g}", noise, -1, 1, "RdBu_r"),
        ("attacked", state.x[0], low, high, "gray"),
    )
    for axes, (heading, pixels, least, most, colours) in zip(panels, sheets, strict=False):
        axes.imshow(_image(pixels, shape), cmap=colours, vmin=least, vmax=most, interpolation="nearest")
        axes.set(xticks=[], yticks=[], title=heading)
    _bars(panels[3], state, scores)
    return _pixels(canvas)


def _bars(axes: Any, state: Attempts, scores: bool) -> None:
    """The scores as probabilities: the true label's bar in one colour, that of what is read instead in another."""
    p, y, said = _softmax(state.z[0]) if scores else state.z[0], int(state.y[0]), int(state.z[0].argmax())
    colours = [RIGHT if k == y else WRONG if k == said else GREY for k in range(len(p))]
    axes.bar(range(len(p)), p, color=colours)
    axes.set(ylim=(0, 1), xticks=range(0, len(p), 1 + len(p) // 12), yticks=[0, 1])
    asked = f"; query {int(state.used[0]) + 1}" if state.steps > 1 else ""
    axes.set_title(f"reads {said}, is {y}{asked}", color=RIGHT if said == y else WRONG)
    axes.spines[["top", "right"]].set_visible(False)


def told(state: Attempts, *, scores: bool = True) -> str:
    """The first slot in words, and in a second line its `scores`, where they have been said."""
    y, said = int(state.y[0]), int(state.z[0].argmax())
    size = float(state.ball.size(state.x[:1] - state.center[:1])[0])
    words = (
        f"query {int(state.used[0]) + 1}: a {y} is read as {said}; noise {size:.3g} of {state.ball.radius:g} in"
        f" {state.ball.norm}"
    )
    if not scores:
        return words
    shares = "  ".join(f"{k}:{share:.2f}" for k, share in enumerate(_softmax(state.z[0])))
    return f"{words}, margin {float(state.margin[0]):+.2f}\n{shares}"


def _softmax(z: Array) -> Array:
    e = np.exp(z.astype(np.float64) - z.max())
    return e / e.sum()


def _image(pixels: Array, shape: tuple[int, ...]) -> Array:
    return pixels.reshape(shape if len(shape) == 2 or shape[2:] == (3,) else (1, -1))


def matrix_drawn(matrix: Any, title: str, across: str, down: str) -> Array:
    """A matrix of numbers as pixels (h, w, 3) uint8, each cell with its number."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6), dpi=80, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots()
    most = np.abs(matrix).max() or 1
    axes.imshow(matrix, cmap="RdBu_r", vmin=-most, vmax=most)
    for (i, j), value in np.ndenumerate(matrix):
        if value:
            axes.text(j, i, f"{value:.3g}", ha="center", va="center", color="white" if value > most / 2 else "black")
    axes.set(title=title, xlabel=across, ylabel=down, xticks=range(matrix.shape[1]), yticks=range(matrix.shape[0]))
    return _pixels(canvas)


def _pixels(canvas: Any) -> Array:
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
