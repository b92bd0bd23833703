"""Random search by windows: no gradient, one question a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.asking import budgets
from agents.attackers.proposals import Corners, Mass, Proposals
from agents.attackers.windows import Shape, layout
from arena.checks import positive, whole
from arena.engine.arrays import Array, Indices
from arena.errors import InvalidValue
from arena.learning.attempts import margins
from arena.moves import Perturbation
from arena.streams import RowStreams
from arena.views import ScoreView

_HALVED = np.array([10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]) / 10_000  # of a walk, after the paper's schedule
_CLEARLY = np.float32(1 - 1e-5)  # a margin, below zero, must rise by more than the rounding of a matrix product
_BLOCK, _ENTRIES = 64, 4_000_000  # steps drawn at once; fewer where windows would fill more entries than that


@dataclass(frozen=True, kw_only=True)
class Square:
    """Sets random squares to the ball's corners and keeps what raises the margin (Andriushchenko et al., 2020, arXiv:1912.00049).

    In L2 and L1 it moves mass between two windows instead. A window first covers the share `p` of a row, and less and less
    over a walk. `shape` is (height, width) or (height, width, channels) of images, (d,) for unordered coordinates, guessed
    for 64, 784 and 3,072 features. At most `queries` an example, else what the view has left; a large budget is shared by
    several walks, each from new stripes, because a walk ends in a local optimum.
    """

    queries: int | None = None
    p: float = 0.8
    shape: Shape | None = None

    def __post_init__(self) -> None:
        if self.queries is not None:
            whole("queries", self.queries)
        positive("p", self.p)
        if self.p > 1:
            raise InvalidValue(f"p must be a share of a row, at most 1; got {self.p!r}")
        if self.shape is not None:
            object.__setattr__(self, "shape", tuple(np.atleast_1d(self.shape).tolist()))
            if len(self.shape) > 3:
                raise InvalidValue(
                    f"shape must be (d,), (height, width) or (height, width, channels); got {self.shape}"
                )
            for length in self.shape:
                whole("each length in shape", length)

    def move(self, view: ScoreView, rng: Generator) -> Perturbation:
        """The point of the highest margin found for each row; a fooled row is left alone."""
        return Perturbation(_Search(self, view, rng).run())


class _Search:
    """Walks of all rows of a field, in blocks of steps; `_x` (n, d) and `_best` (n,) are where each walk stands."""

    def __init__(self, player: Square, view: ScoreView, rng: Generator) -> None:
        self._view, self._p, self._budget = view, player.p, budgets(view, player.queries)
        center = view.field.x
        self._layout = layout(center.shape[1], player.shape)
        kind = Corners if view.ball.norm == "linf" else Mass
        self._proposals: Proposals = kind(view.ball, center, self._layout, RowStreams(center, rng))
        walks = np.maximum(np.rint(self._budget / (self._proposals.patience * center.shape[1])), 1)
        self._length = np.maximum(np.ceil((self._budget - 1) / walks), 1).astype(np.intp)
        self._used = np.zeros(len(center), np.intp)
        self._score = np.full(len(center), -np.inf, np.float32)
        self._best = self._score.copy()

    def run(self) -> Array:
        """The best points (n, d)."""
        everyone = np.arange(len(self._used))
        self._x = self._proposals.start(everyone, np.ones_like(everyone))
        self._answer = self._x.copy()
        asked = np.flatnonzero(self._budget)
        misread = asked[~(self._ask(self._view.field.x[asked], asked) <= 0)]
        self._answer[misread], self._score[misread] = self._view.field.x[misread], np.inf
        rows = self._standing(everyone)
        while rows.size:
            self._begin(rows[self._place(rows) == 0])
            rows = self._standing(rows)
            if rows.size:
                self._block(rows)
                rows = self._standing(rows)
        return self._answer

    def _ask(self, x: Array, rows: Indices) -> Array:
        self._used[rows] += 1
        return margins(self._view.scores(x, rows), self._view.field.y[rows])

    def _standing(self, rows: Indices) -> Indices:
        return rows[(self._score[rows] <= 0) & (self._used[rows] < self._budget[rows])]

    def _place(self, rows: Indices) -> Indices:
        """How many questions into their walks the rows are."""
        return (self._used[rows] - 1) % self._length[rows]

    def _begin(self, rows: Indices) -> None:
        if rows.size:
            self._x[rows] = self._proposals.start(rows, self._used[rows])
            self._best[rows] = self._ask(self._x[rows], rows)
            self._keep(rows)

    def _keep(self, rows: Indices) -> None:
        better = rows[~(self._best[rows] <= self._score[rows])]
        self._answer[better], self._score[better] = self._x[better], self._best[better]

    def _sides(self, rows: Indices) -> Indices:
        """The sizes (t, m) of the windows of the next t steps."""
        place, length = self._place(rows), self._length[rows]
        until = int(np.minimum(length - place, (self._budget - self._used)[rows]).min())
        steps = np.arange(min(until, _BLOCK, max(1, _ENTRIES // self._x[rows].size)))[:, None]
        share = self._p / 2.0 ** np.searchsorted(_HALVED, (place + steps) / length)
        side = self._layout.side(share, self._proposals.least)
        largest = side.max(axis=1)
        return side[largest == largest[0]]

    def _block(self, rows: Indices) -> None:
        """Steps until a walk or a budget ends, windows become smaller, or the block is full."""
        side = self._sides(rows)
        steps = np.arange(len(side))[:, None]
        self._proposals.plan(rows, self._used[rows] + steps, side)
        x, y, best, at = self._x[rows], self._view.field.y[rows], self._best[rows], np.arange(len(rows))
        for step in range(len(steps)):
            self._proposals.propose(step, x, at)
            margin = margins(self._view.scores(x if len(at) == len(x) else x[at], rows[at]), y[at])
            worse = margin <= _CLEARLY * best[at]
            self._proposals.undo(x, worse)
            best[at] = np.where(worse, best[at], margin)
            fooled = ~(margin <= 0)
            if fooled.any():
                at = at[~fooled]
                if not at.size:
                    break
        self._used[rows] += step + 1
        self._x[rows], self._best[rows] = x, best
        self._keep(rows)
