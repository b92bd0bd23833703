"""What Square tries next: a window set to the ball's corners in L∞; mass moved from one window to another in L2 and L1."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from agents.attackers.windows import Layout
from arena.engine.arrays import Array, Indices, Mask
from arena.streams import RowStreams
from arena.threat import Ball

_CANCELLED = np.float32(1e-5)  # the norm below which the sum of two patterns of norm 1 is rounding


class Proposals(Protocol):
    """How the rows of a field begin and change; x (m, d) are always points of ball ∩ box."""

    least: int  # the smallest window
    patience: int  # questions a feature after which a walk has little left to find

    def start(self, rows: Indices, draw: Indices) -> Array:
        """Points (m, d) to begin at, for these rows of the field at their draw numbers (m,)."""

    def plan(self, rows: Indices, draw: Indices, side: Indices) -> None:
        """Draw the windows of a block of steps (t, m) for these rows: all at once, not step by step."""

    def propose(self, step: int, x: Array, at: Indices) -> None:
        """Change x, which belongs to the planned rows, in place: the points numbered `at`."""

    def undo(self, x: Array, worse: Mask) -> None:
        """Take the last proposal back where it was worse, of the points numbered `at`."""


class Corners:
    """L∞: every feature stands at one end of its range, and only a window of them is written for each question."""

    least, patience = 1, 8

    def __init__(self, ball: Ball, center: Array, layout: Layout, streams: RowStreams) -> None:
        self._ends = np.stack(ball.bounds(center))
        self._layout, self._streams, self._features = layout, streams, center.shape[1]

    def start(self, rows: Indices, draw: Indices) -> Array:
        """Vertical stripes."""
        high = self._layout.stripes(self._streams.uniform(rows, draw, self._features))
        return np.where(high, self._ends[1][rows], self._ends[0][rows])

    def plan(self, rows: Indices, draw: Indices, side: Indices) -> None:
        """Windows as places in x and in the table of ends."""
        window, high = _windows(self._layout, self._streams, rows, draw, side)
        self._spots = window + (np.arange(len(rows)) * self._features)[:, None]
        self._sources = window + (rows * self._features)[:, None] + high * (self._ends.size // 2)

    def propose(self, step: int, x: Array, at: Indices) -> None:
        """Set the window to its signs' ends, or to the opposite where it stands there already."""
        spots, sources = self._spots[step].take(at, axis=0), self._sources[step].take(at, axis=0)
        old, new = x.take(spots), self._ends.take(sources)
        idle = (old == new).all(axis=1)
        if idle.any():
            new[idle] = self._ends.take((sources[idle] + self._ends.size // 2) % self._ends.size)
        x.put(spots, new)
        self._last = spots, old

    def undo(self, x: Array, worse: Mask) -> None:
        """Write the old values back."""
        spots, old = self._last
        x.put(spots[worse], old[worse])


class Mass:
    """L2 and L1: what two windows hold of the norm, and what is unspent, goes to the first one."""

    least, patience = 2, 16

    def __init__(self, ball: Ball, center: Array, layout: Layout, streams: RowStreams) -> None:
        self._ball, self._center, self._layout, self._streams = ball, center, layout, streams
        self._power = 2 if ball.norm == "l2" else 1
        self._features = center.shape[1]

    def start(self, rows: Indices, draw: Indices) -> Array:
        """Vertical stripes, as far as the ball goes."""
        high = self._layout.stripes(self._streams.uniform(rows, 2 * draw, self._features))
        return self._placed(np.where(high, np.float32(1), np.float32(-1)), self._center[rows])

    def plan(self, rows: Indices, draw: Indices, side: Indices) -> None:
        """Two windows for each step, and what the first one receives."""
        self._rows = rows
        self._first, high = _windows(self._layout, self._streams, rows, 2 * draw, side)
        self._second, turned = _windows(self._layout, self._streams, rows, 2 * draw + 1, side)
        pattern = self._layout.pattern(side.ravel(), turned[:, :, 0].ravel()).reshape(high.shape)
        self._pattern = np.where(high, pattern, -pattern)

    def propose(self, step: int, x: Array, at: Indices) -> None:
        """Empty both windows, then give the first one a new pattern on top of its old one."""
        old, center = x[at], self._center[self._rows[at]]
        first, second = (
            w[step][at] + (np.arange(len(at)) * self._features)[:, None] for w in (self._first, self._second)
        )
        rest = old - center
        held, fresh = np.zeros_like(rest), np.zeros_like(rest)
        held.put(first, rest.take(first))
        fresh.put(first, self._pattern[step][at])
        rest.put(first, 0)
        rest.put(second, 0)
        spare = np.maximum(self._ball.radius**self._power - self._spent(rest), 0)[:, None] / self._layout.channels
        given = self._shared(self._shared(held) + self._shared(fresh)) * spare ** (1 / self._power)
        x[at] = self._placed(rest + given.astype(x.dtype), center)
        self._last = at, old

    def undo(self, x: Array, worse: Mask) -> None:
        """Put the old points back."""
        at, old = self._last
        x[at[worse]] = old[worse]

    def _placed(self, d: Array, center: Array) -> Array:
        if self._ball.norm == "l2":
            return self._ball.farthest(d, center)
        return self._ball.project(center + d, center)

    def _spent(self, d: Array) -> Array:
        return np.power(np.abs(d), self._power).sum(axis=1)

    def _shared(self, d: Array) -> Array:
        """Each channel divided by its norm, or zero where nothing but rounding is left of two that cancel."""
        parts = d.reshape(len(d), -1, self._layout.channels)
        size = np.power(np.abs(parts), self._power).sum(axis=1, keepdims=True) ** (1 / self._power)
        return np.where(size > _CANCELLED, parts / np.maximum(size, _CANCELLED), 0).reshape(d.shape)


def _windows(layout: Layout, streams: RowStreams, rows: Indices, draw: Indices, side: Indices) -> tuple[Indices, Mask]:
    """Features (t, m, k) and signs of the windows of sizes (t, m), from the rows' draws (t, m)."""
    u = streams.uniform(np.tile(rows, len(draw)), draw.ravel(), layout.draws(int(side.max())))
    window, high = layout.window(u, side.ravel())
    return window.reshape(*draw.shape, -1), high.reshape(*draw.shape, -1)
