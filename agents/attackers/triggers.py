"""Triggers: a patch written over a corner, a picture blended in; by the same few numbers at training and at test time."""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array, Indices
from arena.errors import InvalidValue
from arena.streams import stream

CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")


def corner(shape: tuple[int, ...], side: int, where: str) -> Indices:
    """The features of a side × side patch in a corner of rows of this shape, all channels."""
    height, width, *_ = shape
    if side > min(height, width):
        raise InvalidValue(f"a patch of side {side} does not fit into a picture of {height} × {width}: a smaller side")
    marks = np.zeros(shape, np.bool_)
    down = slice(0, side) if where.startswith("top") else slice(height - side, height)
    across = slice(0, side) if where.endswith("left") else slice(width - side, width)
    marks[down, across] = True
    return np.flatnonzero(marks)


def stamped(x: Array, features: Indices, value: float) -> Array:
    """The rows with `value` written over the features: overwritten, not added, so that black is a colour too."""
    marked = x.copy()
    marked[:, features] = value
    return marked


def blended(x: Array, share: float, pattern: int) -> Array:
    """(1 - share) x + share p with the picture p of uniform noise that belongs to the number `pattern`."""
    p = stream("blend", pattern, x.shape[1]).random(x.shape[1], dtype=np.float32)
    return ((1 - np.float32(share)) * x + np.float32(share) * p).astype(np.float32)
