"""Where Square changes a row: a square of pixels where rows are images, a random subset of coordinates where they are not.

Every row gets its own window, from its own random numbers, as flat indices: rows of one batch may differ in size too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from arena.engine.arrays import Array, Indices, Mask
from arena.errors import InvalidValue

Shape: TypeAlias = tuple[int, ...]
_KNOWN: dict[int, Shape] = {64: (8, 8), 784: (28, 28), 3072: (32, 32, 3)}


class Layout(Protocol):
    """How the d features of a row lie next to each other; features of one channel share what they are given."""

    @property
    def channels(self) -> int:
        """How many features a pixel has."""

    def side(self, share: Array, least: int) -> Indices:
        """The size of windows that cover the given shares of a row."""

    def draws(self, side: int) -> int:
        """How many numbers in [0, 1) a window of at most this size takes."""

    def window(self, u: Array, side: Indices) -> tuple[Indices, Mask]:
        """Features (m, k) of windows of sizes (m,), and a random sign for each; smaller ones repeat some features."""

    def pattern(self, side: Indices, turned: Mask) -> Array:
        """How the mass inside windows of sizes (m,) is spread, (m, k), turned by a quarter or not."""

    def stripes(self, u: Array) -> Mask:
        """Random signs (m, d) to begin with, from numbers (m, d)."""


def layout(features: int, shape: Shape | None) -> Layout:
    """Images of the given shape, or of the usual one for so many features; else unordered coordinates.

    InvalidValue where the shape does not multiply to the features.
    """
    shape = shape or _KNOWN.get(features, (features,))
    if math.prod(shape) != features:
        raise InvalidValue(f"shape {shape} has {math.prod(shape)} features; the rows have {features}")
    return Coordinates(features) if len(shape) == 1 else Image(*shape)


@dataclass(frozen=True)
class Image:
    """Pixels in rows, each with its channels side by side."""

    height: int
    width: int
    channels: int = 1

    def side(self, share: Array, least: int) -> Indices:
        """The side of a square that covers the share of the pixels."""
        longest = min(self.height, self.width)
        return np.clip(np.rint(np.sqrt(share * (self.height * self.width))), min(least, longest), longest).astype(
            np.intp
        )

    def draws(self, side: int) -> int:
        """A place, and a sign for each channel."""
        return 2 + self.channels

    def window(self, u: Array, side: Indices) -> tuple[Indices, Mask]:
        """The square's features, and one sign for each of its channels."""
        top = (u[:, 0] * (self.height - side + 1)).astype(np.intp)
        left = (u[:, 1] * (self.width - side + 1)).astype(np.intp)
        corner = (top * self.width + left) * self.channels
        sizes, which = np.unique(side, return_inverse=True)
        inside = np.stack([self._inside(size, sizes[-1]) for size in sizes])
        return corner[:, None] + inside[which], np.tile(u[:, 2:] < 0.5, inside.shape[1] // self.channels)

    def pattern(self, side: Indices, turned: Mask) -> Array:
        """Two pyramids of opposite signs, one above the other or side by side."""
        sizes, which = np.unique(side, return_inverse=True)
        both = np.stack([self._pyramids(size, sizes[-1]) for size in sizes])
        return both[which, turned.astype(np.intp)]

    def stripes(self, u: Array) -> Mask:
        """Vertical stripes: one sign for each column and channel."""
        return np.tile(u[:, : self.width * self.channels] < 0.5, self.height)

    def _pyramids(self, side: int, longest: int) -> Array:
        """The pattern and its quarter turn, laid out as `_inside` is: (2, k)."""
        top = side // 2
        pattern = np.concatenate([_pyramid(top, side), -_pyramid(side - top, side)])
        step = np.minimum(np.arange(longest), side - 1)
        laid = [turn[step][:, step].ravel().repeat(self.channels) for turn in (pattern, pattern.T)]
        return np.stack(laid).astype(np.float32)

    def _inside(self, side: int, longest: int) -> Indices:
        """A square's features relative to its corner, as many as the longest square has."""
        step = np.minimum(np.arange(longest), side - 1)
        pixel = step[:, None] * self.width + step
        return (pixel[:, :, None] * self.channels + np.arange(self.channels)).ravel()


@dataclass(frozen=True)
class Coordinates:
    """Features in no order: a window is drawn with replacement, and each of its coordinates has a sign of its own."""

    features: int
    channels = 1

    def side(self, share: Array, least: int) -> Indices:
        """How many coordinates to draw for the share."""
        return np.clip(np.rint(share * self.features), min(least, self.features), self.features).astype(np.intp)

    def draws(self, side: int) -> int:
        """A place and a sign for each coordinate."""
        return 2 * side

    def window(self, u: Array, side: Indices) -> tuple[Indices, Mask]:
        """The coordinates drawn; a smaller window repeats its last one."""
        place = np.minimum(np.arange(side.max()), side[:, None] - 1)
        features, high = (u[:, ::2] * self.features).astype(np.intp), u[:, 1::2] < 0.5
        return np.take_along_axis(features, place, axis=1), np.take_along_axis(high, place, axis=1)

    def pattern(self, side: Indices, turned: Mask) -> Array:
        """The same for each coordinate."""
        return np.ones((len(side), int(side.max())), np.float32)

    def stripes(self, u: Array) -> Mask:
        """A sign for each coordinate."""
        return u < 0.5


def _pyramid(height: int, width: int) -> Array:
    """The sum of centred squares of sides 1, 3, 5, …, the k-th of height 1 / k²."""
    steps = 1 / np.arange(1.0, max(height, width) + 1) ** 2
    rows, columns = np.abs(np.arange(height) - height // 2), np.abs(np.arange(width) - width // 2)
    return steps[::-1].cumsum()[::-1][np.maximum(rows[:, None], columns)]
