"""One attacked example: the picture before, the noise, the picture after, and what the model reads in each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from results.game.payoffs import Matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Reading = tuple[str, float]  # the model's label, and its confidence in [0, 1]

RIGHT, WRONG = "#1b5e7d", "#b3400e"
PIXELS = 160
SHORT = 5  # a longer label has a line of its own
VIVID = 0.4  # how far from grey the strongest noise is drawn, if a whole factor can bring it there


def example(
    path: str | os.PathLike[str],
    clean: npt.ArrayLike,
    attacked: npt.ArrayLike,
    shape: tuple[int, ...],
    before: Reading,
    after: Reading,
    radius: float,
    title: str = "",
) -> None:
    """Write a PNG of an image, the noise added to it, and the attacked image, with the model's reading of both.

    `clean` and `attacked` hold pixels in [0, 1] and fit `shape`, (height, width) or (height, width, 3); `before` and
    `after` are (label, confidence in [0, 1]); `radius` is the attacker's budget in pixel units. The noise is centred
    on grey and multiplied by a whole factor that its heading states. Raises ValueError for another shape.
    """
    from matplotlib.figure import Figure

    first, last = _image(clean, shape, "clean"), _image(attacked, shape, "attacked")
    noise, factor = _amplified(last - first)
    figure = Figure(figsize=(8.6, 2.9))
    left, middle, right = figure.subplots(1, 3, gridspec_kw={"wspace": 0.22})
    _panel(left, first, "clean", before, RIGHT)
    _panel(middle, noise, f"noise × {factor}", None, "black")
    _panel(right, last, "attacked", after, RIGHT if after[0] == before[0] else WRONG)
    middle.set_xlabel(f"within a radius of {radius:.3g}", fontsize=11, labelpad=8)
    for sign, place in (("+", -0.11), ("=", 1.11)):
        middle.text(place, 0.5, sign, transform=middle.transAxes, ha="center", va="center", fontsize=20)
    middle.text(0.5, 1.25, title, transform=middle.transAxes, ha="center", va="center", fontsize=14)
    figure.savefig(Path(path), dpi=PIXELS, format="png", bbox_inches="tight", pad_inches=0.2)


def _image(pixels: npt.ArrayLike, shape: tuple[int, ...], name: str) -> Matrix:
    array = np.asarray(pixels, dtype=np.float64)
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)) or array.size != np.prod(shape):
        raise ValueError(f"{name}: {array.size} values for a shape (height, width) or (height, width, 3), not {shape}")
    return array.reshape(shape)


def _amplified(noise: Matrix) -> tuple[Matrix, int]:
    """Noise as a picture around the middle grey 0.5, and the whole factor by which it was multiplied."""
    largest = float(np.abs(noise).max())
    factor = max(int(VIVID / largest + 1e-9), 1) if largest else 1
    return np.clip(0.5 + factor * noise, 0.0, 1.0), factor


def _panel(axes: Axes, image: Matrix, heading: str, reading: Reading | None, colour: str) -> None:
    axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(color="#888888", linewidth=0.8)
    axes.set_title(heading, fontsize=11, color="#444444")
    if reading:
        axes.set_xlabel(_says(*reading), fontsize=13, color=colour, fontweight="bold", labelpad=8)


def _says(label: str, confidence: float) -> str:
    return f"reads {label}{' ' if len(label) <= SHORT else chr(10)}at {100 * confidence:.1f} %"
