"""The signs as a drawing board shows them: shapes and letters, anti-aliased by drawing large."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from arena.engine.arrays import Array

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

NAMES = (
    "stop", "yield", "no entry", "priority road", "limit 30", "limit 50", "limit 80", "danger", "ahead only", "parking",
    "end of limits", "no vehicles",
)  # fmt: skip
SIDE, FINE = 96, 4  # pixels of a template, and how many times larger it is drawn
RED, WHITE, BLACK, BLUE, YELLOW = (190, 22, 34), (238, 238, 234), (24, 24, 26), (12, 74, 156), (250, 190, 20)


@cache
def templates() -> Array:
    """Red, green, blue and opacity in [0, 1] of every sign: (len(NAMES), SIDE, SIDE, 4) float32."""
    return np.stack([_drawn(name) for name in NAMES])


def _drawn(name: str) -> Array:
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (SIDE * FINE, SIDE * FINE), (128, 128, 128, 0))
    _DRAW[name](ImageDraw.Draw(image))
    small = image.convert("RGBa").resize((SIDE, SIDE), Image.Resampling.BOX)  # colours weighted by opacity
    array: Array = np.asarray(small, np.float32) / np.float32(255)
    return array


def _at(x: float, y: float) -> tuple[float, float]:
    """A point of the square [-1, 1]², y down, in the pixels of the large drawing."""
    return (x + 1) / 2 * SIDE * FINE, (y + 1) / 2 * SIDE * FINE


def _polygon(draw: ImageDraw, points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
    draw.polygon([_at(*point) for point in points], fill=colour)


def _regular(
    draw: ImageDraw, corners: int, radius: float, turn: float, colour: tuple[int, int, int], low: float = 0.0
) -> None:
    angles = np.arange(corners) * 2 * np.pi / corners + turn
    _polygon(draw, [(radius * np.cos(a), radius * np.sin(a) + low) for a in angles], colour)


def _disc(draw: ImageDraw, radius: float, colour: tuple[int, int, int]) -> None:
    draw.ellipse([*_at(-radius, -radius), *_at(radius, radius)], fill=colour)


def _text(draw: ImageDraw, text: str, height: float, colour: tuple[int, int, int], low: float = 0.0) -> None:
    import matplotlib
    from PIL import ImageFont

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    font = ImageFont.truetype(str(path), round(height * SIDE * FINE / 2))
    draw.text(_at(0, low), text, font=font, fill=colour, anchor="mm")


def _stop(draw: ImageDraw) -> None:
    _regular(draw, 8, 1.0, np.pi / 8, WHITE)
    _regular(draw, 8, 0.92, np.pi / 8, RED)
    _text(draw, "STOP", 0.62, WHITE)


def _yield(draw: ImageDraw) -> None:
    _regular(draw, 3, 1.08, np.pi / 2, RED, low=-0.24)
    _regular(draw, 3, 0.66, np.pi / 2, WHITE, low=-0.24)


def _no_entry(draw: ImageDraw) -> None:
    _disc(draw, 0.98, RED)
    _polygon(draw, [(-0.7, -0.18), (0.7, -0.18), (0.7, 0.18), (-0.7, 0.18)], WHITE)


def _priority(draw: ImageDraw) -> None:
    _regular(draw, 4, 1.05, 0, WHITE)
    _regular(draw, 4, 0.72, 0, YELLOW)


def _ring(draw: ImageDraw) -> None:
    _disc(draw, 0.98, RED)
    _disc(draw, 0.74, WHITE)


def _limit(speed: str, draw: ImageDraw) -> None:
    _ring(draw)
    _text(draw, speed, 0.95, BLACK)


def _danger(draw: ImageDraw) -> None:
    _regular(draw, 3, 1.08, -np.pi / 2, RED, low=0.24)
    _regular(draw, 3, 0.7, -np.pi / 2, WHITE, low=0.24)
    _text(draw, "!", 0.85, BLACK, low=0.2)


def _ahead(draw: ImageDraw) -> None:
    _disc(draw, 0.98, BLUE)
    _polygon(
        draw, [(-0.13, 0.7), (-0.13, -0.1), (-0.42, -0.1), (0, -0.72), (0.42, -0.1), (0.13, -0.1), (0.13, 0.7)], WHITE
    )


def _parking(draw: ImageDraw) -> None:
    _polygon(draw, [(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)], BLUE)
    _text(draw, "P", 1.45, WHITE)


def _end_of_limits(draw: ImageDraw) -> None:
    _disc(draw, 0.98, BLACK)
    _disc(draw, 0.9, WHITE)
    for shift in (-0.2, 0.0, 0.2):
        a, b = 0.6 + shift / 2, 0.6 - shift / 2
        _polygon(draw, [(-a, b - 0.05), (-a, b + 0.05), (b, -a + 0.05), (b, -a - 0.05)], BLACK)


_DRAW = dict(zip(NAMES, (
    _stop, _yield, _no_entry, _priority, *(lambda draw, speed=speed: _limit(speed, draw) for speed in ("30", "50", "80")),
    _danger, _ahead, _parking, _end_of_limits, _ring,
), strict=True))  # fmt: skip
