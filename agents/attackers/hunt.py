"""What attackers by labels share: a misread point for each row, far from it at first, that is brought nearer.

Nearness is the ball's own norm. Points asked about lie in the box; a row is done once one is misread inside the ball.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from agents.attackers.asking import budgets
from arena.engine.arrays import Array, Indices, Mask
from arena.projections import shrink_l1, shrink_l2
from arena.streams import RowStreams
from arena.views import LabelView

_TRIES, _NOISE = 10, 100  # rows of other classes to begin at, and random points where those fail
_SHADOW = 2000  # rows of the training distribution that are looked at
_START = 2**40  # draw numbers from here on belong to the start


class Hunt:
    """The rows of a view's field: `x` (n, d) the nearest misread points, `far` (n,) their distances, `left` (n,) questions."""

    def __init__(self, view: LabelView, queries: int | None, rng: Generator) -> None:
        self.center, self.ball, self.left = view.field.x, view.ball, budgets(view, queries)
        self.streams = RowStreams(self.center, rng)
        self._view, self._done = view, np.zeros(len(self.center), bool)
        self.x, self.far = self._noise(np.arange(len(self.center)), 0), np.full(len(self.center), np.inf, np.float32)
        self._found = self.center.copy()

    @property
    def answer(self) -> Array:
        """The misread point found inside the ball, else the nearest point of the ball to the nearest one known: (n, d)."""
        return np.where(self._done[:, None], self._found, self.ball.project(self.x, self.center))

    def alive(self, rows: Indices, *, least: int = 1) -> Mask:
        """Which of the rows are not done and have `least` questions left."""
        return ~self._done[rows] & (self.left[rows] >= least)

    def begin(self) -> Indices:
        """Ask about the rows as they are, then about rows of other classes, nearest first, then about random points.

        Returns the rows that have a misread point to bring nearer.
        """
        rows = np.flatnonzero(self.left)
        self.ask(self.center[rows], rows)
        rows = rows[self.alive(rows)]
        for points in self._others(rows):
            lost = self.alive(rows) & np.isinf(self.far[rows])
            self.nearer(points[lost], rows[lost])
        for i in range(1, _NOISE + 1):
            lost = self.alive(rows) & np.isinf(self.far[rows])
            self.nearer(self._noise(rows[lost], i), rows[lost])
        return rows[self.alive(rows) & np.isfinite(self.far[rows])]

    def ask(self, x: Array, about: Indices) -> Mask:
        """Which of the points x (m, d) are misread; each costs the row it is about (m,) a question."""
        if not about.size:
            return np.zeros(0, bool)
        np.subtract.at(self.left, about, 1)
        misread = self._view.labels(x, about) != self._view.field.y[about]
        hits = np.flatnonzero(misread)
        hits = hits[self.ball.violation(x[hits], self.center[about[hits]]) == 0] if hits.size else hits
        self._found[about[hits]], self._done[about[hits]] = x[hits], True
        return misread

    def nearer(self, x: Array, about: Indices) -> Mask:
        """Ask about one point of each row, and keep those that are misread and nearer than what is known."""
        misread, far = self.ask(x, about), self.length(x - self.center[about])
        better = misread & (far < self.far[about])
        self.x[about[better]], self.far[about[better]] = x[better], far[better]
        return misread

    def search(self, x: Array, rows: Indices, precise: float) -> None:
        """Bring misread points x (m, d) nearer: onto the ball, else by bisection to a share `precise` of the distance.

        One that is farther than what is known must come nearer than that at once, or is given up.
        """
        self.nearer(self.ball.project(x, self.center[rows]), rows)
        low, high = np.full(len(rows), self.ball.radius, np.float32), self.length(x - self.center[rows])
        worth = high <= self.far[rows]
        middle = np.where(worth, (low + high) / 2, (1 - precise) * self.far[rows])
        while (go := self.alive(rows) & (high - low > precise * high) & (middle > low)).any():
            x, rows, low, high, middle, worth = x[go], rows[go], low[go], high[go], middle[go], worth[go]
            misread = self.nearer(self.drawn_in(x, rows, middle), rows)
            worth |= misread
            low, high = np.where(misread, low, np.where(worth, middle, high)), np.where(misread, middle, high)
            middle = (low + high) / 2

    def length(self, d: Array) -> Array:
        """The norms (m,) of changes d (m, k), in float32."""
        return self.ball.size(d).astype(np.float32)

    def drawn_in(self, x: Array, rows: Indices, far: Array) -> Array:
        """The nearest points to x (m, d) in the box that are at most `far` (m,) away from their rows."""
        d, far = self.boxed(x) - self.center[rows], far.astype(np.float32)[:, None]
        a = np.abs(d)
        if self.ball.norm == "linf":
            sizes = np.minimum(a, far)
        else:  # both ends of d lie in the box, which is all the room that it needs
            sizes = (shrink_l1 if self.ball.norm == "l1" else shrink_l2)(a, a, far)
        return self.boxed(self.center[rows] + np.copysign(sizes, d))

    def boxed(self, x: Array) -> Array:
        """The points clipped to the box."""
        return np.clip(x, *self.ball.box).astype(np.float32)

    def _noise(self, rows: Indices, i: int) -> Array:
        """Random points of high contrast, anywhere in the box."""
        low, high = self.ball.box
        u = self.streams.uniform(rows, _START + i, self.center.shape[1])
        return np.clip(low + (high - low) * (2 * u - np.float32(0.5)), low, high).astype(np.float32)

    def _others(self, rows: Indices) -> Array:
        """The nearest rows of other classes that the view shows: (tries, m, d)."""
        shadow, y = self._view.shadow, self._view.field.y
        if shadow is None:
            return np.empty((0, len(rows), self.center.shape[1]), np.float32)
        x, labels = shadow.x[:_SHADOW], shadow.y[:_SHADOW]
        nearest = np.empty((min(_TRIES, len(x)), len(rows)), np.intp)
        for i, row in enumerate(rows):
            far = np.where(labels == y[row], np.inf, self.length(x - self.center[row]))
            nearest[:, i] = np.argsort(far, kind="stable")[: len(nearest)]
        return x[nearest]
