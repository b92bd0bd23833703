"""Steps that stay in ball ∩ box: one walk for a chunk of rows, in preallocated arrays."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from arena.engine.arrays import Array
from arena.threat import Ball

_SIGN_BIT = np.uint32(0x80000000)
_L1_SHARE = 0.05  # of the coordinates that still have room move at once (Tramèr & Boneh, 2019, arXiv:1904.13000)


class Walk(Protocol):
    """The current points x (n, d) of a chunk and how they move."""

    x: Array

    def step(self, g: Array, size: float) -> None:
        """Move every row by `size` in the norm's steepest direction along g (n, d), and project exactly; g may be overwritten."""

    def keep(self, chosen: Array) -> None:
        """Forget every row but the chosen indices."""


def walk(ball: Ball, start: Array, center: Array) -> Walk:
    """The walk that fits the ball's norm, from `start` around `center`, float32 rows (n, d)."""
    if ball.norm == "linf":
        return LinfWalk(ball, start, center)
    return ProjectedWalk(ball, start, center)


class LinfWalk:
    """x <- clip(x + size sign(g)) to the bounds; the sign is two bit operations, so a zero counts as positive."""

    def __init__(self, ball: Ball, start: Array, center: Array) -> None:
        self.x = start.copy()
        self._low, self._high = ball.bounds(center)
        self._move = np.empty_like(self.x)
        self._bits = self._move.view(np.uint32)

    def step(self, g: Array, size: float) -> None:
        """Move along the sign of g."""
        np.bitwise_and(g.view(np.uint32), _SIGN_BIT, self._bits)
        np.bitwise_or(self._bits, np.float32(size).view(np.uint32), self._bits)
        np.add(self.x, self._move, self.x)
        np.maximum(self.x, self._low, self.x)
        np.minimum(self.x, self._high, self.x)

    def keep(self, chosen: Array) -> None:
        """Forget every row but the chosen."""
        self.x, self._low, self._high = self.x[chosen], self._low[chosen], self._high[chosen]
        self._move = np.empty_like(self.x)
        self._bits = self._move.view(np.uint32)


class ProjectedWalk:
    """x <- P(x + size direction) in L2 and L1; in L1 the step is spread over the largest coordinates that have room."""

    def __init__(self, ball: Ball, start: Array, center: Array) -> None:
        self.x, self._center, self._ball = start.copy(), center, ball

    def step(self, g: Array, size: float) -> None:
        """Move along g."""
        d = self._ball.direction(g) if self._ball.norm == "l2" else self._sparse(g)
        self.x = self._ball.project(self.x + self.x.dtype.type(size) * d, self._center)

    def keep(self, chosen: Array) -> None:
        """Forget every row but the chosen."""
        self.x, self._center = self.x[chosen], self._center[chosen]

    def _sparse(self, g: Array) -> Array:
        low, high = self._ball.box
        stuck = ((g > 0) & (self.x >= high)) | ((g < 0) & (self.x <= low))
        size = np.where(stuck, 0, np.abs(g))
        k = max(1, int(_L1_SHARE * g.shape[1]))
        floor = -np.partition(-size, k - 1, axis=1)[:, k - 1 : k]
        step = np.where((size >= floor) & (size > 0), np.sign(g), 0)
        return (step / np.maximum(np.abs(step).sum(axis=1, keepdims=True), 1)).astype(g.dtype)
