"""Steps that stay in ball ∩ box, for a chunk of rows."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from arena.engine.arrays import Array, Indices
from arena.threat import Ball

_SIGN_BIT = np.uint32(0x80000000)
_L1_SHARE = 0.05  # of the coordinates that still have room move at once (Tramèr & Boneh, 2019, arXiv:1904.13000)


class Walk(Protocol):
    """How the points of a chunk of rows move."""

    def step(self, x: Array, g: Array, size: float, out: Array) -> None:
        """Into `out`, which may be x: every row moved by `size` in the norm's steepest direction, projected exactly.

        g is float32 and scratch: it may be overwritten.
        """

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""


def walk(ball: Ball, center: Array) -> Walk:
    """The walk that fits the ball's norm, around float32 rows (n, d)."""
    return LinfWalk(ball, center) if ball.norm == "linf" else ProjectedWalk(ball, center)


class LinfWalk:
    """x <- clip(x + size sign(g)) to the bounds; the sign is two bit operations, so a zero counts as positive."""

    def __init__(self, ball: Ball, center: Array) -> None:
        self._low, self._high = ball.bounds(center)

    def step(self, x: Array, g: Array, size: float, out: Array) -> None:
        """Move along the sign of g."""
        bits, magnitude = g.view(np.uint32), np.float32(size).view(np.uint32)
        np.bitwise_and(bits, _SIGN_BIT, out=bits)
        np.bitwise_or(bits, magnitude, out=bits)
        np.add(x, g, out=out)
        np.maximum(out, self._low, out=out)
        np.minimum(out, self._high, out=out)

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""
        self._low, self._high = self._low[chosen], self._high[chosen]


class ProjectedWalk:
    """x <- P(x + size direction) in L2 and L1; in L1 the step is spread over the largest coordinates that have room."""

    def __init__(self, ball: Ball, center: Array) -> None:
        self._center, self._ball = center, ball

    def step(self, x: Array, g: Array, size: float, out: Array) -> None:
        """Move along g."""
        d = self._ball.direction(g) if self._ball.norm == "l2" else self._sparse(x, g)
        out[...] = self._ball.project(x + x.dtype.type(size) * d.astype(x.dtype, copy=False), self._center)

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""
        self._center = self._center[chosen]

    def _sparse(self, x: Array, g: Array) -> Array:
        low, high = self._ball.box
        stuck = ((g > 0) & (x >= high)) | ((g < 0) & (x <= low))
        size = np.where(stuck, 0, np.abs(g))
        k = max(1, int(_L1_SHARE * g.shape[1]))
        floor = -np.partition(-size, k - 1, axis=1)[:, k - 1 : k]
        step = np.where((size >= floor) & (size > 0), np.sign(g), 0)
        return step / np.maximum(np.abs(step).sum(axis=1, keepdims=True), 1)
