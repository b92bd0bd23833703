"""Steps that stay in ball ∩ box, for a chunk of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy import add, bitwise_and, bitwise_or, maximum, minimum

from arena.engine.arrays import Array, Indices, finite
from arena.threat import Ball

_SIGN_BIT = np.array(0x80000000, np.uint32)  # an array: NumPy is slow to convert a scalar


class Walk(Protocol):
    """How the points of a chunk of rows move, in so many steps."""

    steps: int

    def begin(self, x: Array, out: Array) -> None:
        """Into `out` the points of ball ∩ box next to x, to start from."""

    def step(self, t: int, x: Array, g: Array, out: Array) -> None:
        """Into `out`, which may be x: every row moved by the size of step t in the norm's steepest direction, projected exactly.

        g is scratch: it may be overwritten.
        """

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""


def walk(ball: Ball, center: Array, sizes: Sequence[float]) -> Walk:
    """The walk of steps of these sizes that fits the ball's norm, around float32 rows (n, d)."""
    return _WALKS[ball.norm](ball, center, sizes)


class LinfWalk:
    """x <- clip(x + size sign(g)) to the bounds; the sign is two bit operations, so a zero counts as positive."""

    def __init__(self, ball: Ball, center: Array, sizes: Sequence[float]) -> None:
        self._low, self._high = ball.bounds(center)
        self.steps = len(sizes)
        self._sizes = _words(tuple(sizes))
        self._g: Array | None = None  # a pass gives the same buffer at every step

    def begin(self, x: Array, out: Array) -> None:
        """Clip to the bounds."""
        minimum(maximum(x, self._low, out=out), self._high, out=out)

    def step(self, t: int, x: Array, g: Array, out: Array) -> None:
        """Move along the sign of g."""
        if g is not self._g:
            self._g = g = np.asarray(g, np.float32)
            self._bits = g.view(np.uint32)
        bits = self._bits
        bitwise_or(bitwise_and(bits, _SIGN_BIT, bits), self._sizes[t], bits)
        minimum(maximum(add(x, g, out), self._low, out=out), self._high, out=out)

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""
        self._low, self._high = self._low[chosen], self._high[chosen]


class _LeapingWalk(ABC):
    """In L2 and L1 the best point of a linear loss lies on the border: one step more goes there, along the last gradient."""

    def __init__(self, ball: Ball, center: Array, sizes: Sequence[float]) -> None:
        self._center, self._ball, self._sizes = center, ball, sizes
        self.steps = len(sizes) + 1

    def begin(self, x: Array, out: Array) -> None:
        """Project."""
        out[...] = self._ball.project(x, self._center)

    def step(self, t: int, x: Array, g: Array, out: Array) -> None:
        """Move by the norm's own step, the last time to the farthest point of ball ∩ box along g."""
        g = np.asarray(finite(g), np.float32)
        if t < len(self._sizes):
            out[...] = self._ball.project(self._moved(x, g, self._sizes[t]), self._center)
        else:
            out[...] = self._ball.farthest(g, self._center)

    def keep(self, chosen: Indices) -> None:
        """Forget every row but the chosen."""
        self._center = self._center[chosen]

    @abstractmethod
    def _moved(self, x: Array, g: Array, size: float) -> Array:
        """The step before its projection."""


class L2Walk(_LeapingWalk):
    """x <- P(x + size g / |g|_2)."""

    def _moved(self, x: Array, g: Array, size: float) -> Array:
        return x + x.dtype.type(size) * self._ball.direction(g)


class L1Walk(_LeapingWalk):
    """x <- x + gamma (v - x), with v the farthest point of ball ∩ box along g and gamma = size / radius, at most 1.

    Frank and Wolfe's step (Chen et al., 2020, arXiv:1811.10828). On digits it leaves a third of the accuracy that
    projected steps along the largest coordinates leave.
    """

    def _moved(self, x: Array, g: Array, size: float) -> Array:
        gamma = x.dtype.type(min(1.0, size / self._ball.radius))
        return x + gamma * (self._ball.farthest(g, self._center) - x)


@lru_cache(maxsize=64)
def _words(sizes: tuple[float, ...]) -> tuple[Array, ...]:
    """The bits of each size."""
    return tuple(np.array(size, np.float32).view(np.uint32) for size in sizes)


_WALKS: dict[str, type[LinfWalk] | type[L2Walk] | type[L1Walk]] = {"linf": LinfWalk, "l2": L2Walk, "l1": L1Walk}
