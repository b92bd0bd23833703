"""The points a proof must cover: ball ∩ box around each row, and all that the referee forgives beyond."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from arena.engine.arrays import Array, Indices
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

    def at(self, rows: slice | Indices) -> Region:
        """The regions of some of the rows."""
        return replace(self, center=self.center[rows], low=self.low[rows], high=self.high[rows])

    @property
    def largest(self) -> Array:
        """The largest absolute value of each input (n, d)."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def least(self, A: Array) -> Array:
        """A lower bound on A x for every row's own A (n, m, d): (n, m). The better of the box's and the ball's."""
        found = self._box_least(A)
        return found if self.norm == "linf" else np.maximum(found, self._ball_least(A))

    def where_least(self, A: Array) -> Array:
        """The points (n, m, d) at which the bound of `least` is met: corners of the box, else points of the ball."""
        corner = np.where(A > 0, self.low[:, None], self.high[:, None])
        if self.norm == "linf":
            return corner
        if self.norm == "l2":
            step = A / np.maximum(np.sqrt(np.einsum("nmd,nmd->nm", A, A)), np.finfo(float).tiny)[:, :, None]
        else:
            step = np.sign(A) * (np.abs(A) >= np.abs(A).max(axis=2, keepdims=True))
        round_ = self._ball_least(A) > self._box_least(A)
        return np.where(round_[:, :, None], self.center[:, None] - self.radius * step, corner)

    def _box_least(self, A: Array) -> Array:
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return np.matmul(A, middle[:, :, None])[:, :, 0] - np.matmul(np.abs(A), half[:, :, None])[:, :, 0]

    def _ball_least(self, A: Array) -> Array:
        reach = np.sqrt(np.einsum("nmd,nmd->nm", A, A)) if self.norm == "l2" else np.abs(A).max(axis=2)
        return np.matmul(A, self.center[:, :, None])[:, :, 0] - self.radius * reach

    def extremes(self, W: Array) -> tuple[Array, Array]:
        """Bounds on x W for one W (d, m): two arrays (n, m)."""
        middle, half = (self.low + self.high) / 2 @ W, (self.high - self.low) / 2 @ np.abs(W)
        low, high = middle - half, middle + half
        if self.norm == "linf":
            return low, high
        reach = self.radius * (np.sqrt(np.einsum("dm,dm->m", W, W)) if self.norm == "l2" else np.abs(W).max(axis=0))
        at = self.center @ W
        return np.maximum(low, at - reach), np.minimum(high, at + reach)
