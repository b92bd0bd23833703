"""The points a proof must cover: ball ∩ box around each row, and all that the referee forgives beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena.engine.arrays import Array
from arena.threat import Ball


@dataclass(frozen=True, eq=False)
class Region:
    """Around centres (n, d) in float64: the ball of `radius` in `norm`, inside the box [low, high] (n, d)."""

    center: Array
    radius: float
    norm: str
    low: Array
    high: Array

    @classmethod
    def of(cls, x: Array, ball: Ball) -> Region:
        """The region of a ball, wider by twice the referee's tolerance, which also covers these sums' own roundings."""
        center, more = np.asarray(x, np.float64), 2 * ball.tolerance
        radius = ball.radius + more
        low, high = ball.box
        return cls(
            center,
            radius,
            ball.norm,
            np.maximum(center - radius, low - more),
            np.minimum(center + radius, high + more),
        )

    def __getitem__(self, part: slice) -> Region:
        return Region(self.center[part], self.radius, self.norm, self.low[part], self.high[part])

    @property
    def largest(self) -> Array:
        """The largest absolute value of each input (n, d)."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def least(self, A: Array) -> Array:
        """A lower bound on A x for every row's own A (n, m, d): (n, m). The better of the box's and the ball's."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        found = np.matmul(A, middle[:, :, None])[:, :, 0] - np.matmul(np.abs(A), half[:, :, None])[:, :, 0]
        if self.norm == "linf":
            return found
        reach = np.sqrt(np.einsum("nmd,nmd->nm", A, A)) if self.norm == "l2" else np.abs(A).max(axis=2)
        return np.maximum(found, np.matmul(A, self.center[:, :, None])[:, :, 0] - self.radius * reach)

    def extremes(self, W: Array) -> tuple[Array, Array]:
        """Bounds on x W for one W (d, m): two arrays (n, m)."""
        middle, half = (self.low + self.high) / 2 @ W, (self.high - self.low) / 2 @ np.abs(W)
        low, high = middle - half, middle + half
        if self.norm == "linf":
            return low, high
        reach = self.radius * (np.sqrt(np.einsum("dm,dm->m", W, W)) if self.norm == "l2" else np.abs(W).max(axis=0))
        at = self.center @ W
        return np.maximum(low, at - reach), np.minimum(high, at + reach)
