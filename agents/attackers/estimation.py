"""Gradient ascent where only scores are seen: the gradient is estimated from pairs of opposite probes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.asking import budgets
from arena.checks import positive, share, whole
from arena.engine.arrays import Array, Indices
from arena.learning.attempts import margins
from arena.moves import Perturbation
from arena.streams import RowStreams
from arena.views import ScoreView

_CHUNK = 4_000_000  # probe entries held at once
_START = 2**40  # the draw number of the random point
_SPREAD = 0.05  # of the coordinates share a step in L1, as in PGD


@dataclass(frozen=True, kw_only=True)
class Estimation(ABC):
    """What NES and SPSA share: `pairs` of probes a step, `probe` radius long, and steps that begin at `step` radius.

    `momentum` averages the estimates of a row's steps, which fall to zero along a cosine over its budget: at most `queries` an
    example, else what the view has left. Every probe is a point of ball ∩ box and a candidate itself; a fooled row is left
    alone. Both ascend the margin, in the norm's steepest direction, and project exactly.
    """

    queries: int | None = None
    pairs: int = 10
    probe: float = 0.2
    step: float = 0.5
    momentum: float = 0.75

    def __post_init__(self) -> None:
        if self.queries is not None:
            whole("queries", self.queries)
        whole("pairs", self.pairs)
        positive("probe", self.probe)
        positive("step", self.step)
        share("momentum", self.momentum)

    def move(self, view: ScoreView, rng: Generator) -> Perturbation:
        """The point of the highest margin asked about, for each row."""
        return Perturbation(_Ascent(self, view, rng).run())

    @abstractmethod
    def directions(self, streams: RowStreams, rows: Indices, draw: Indices, features: int) -> Array:
        """Random directions (m, features) of unit variance."""


@dataclass(frozen=True, kw_only=True)
class NES(Estimation):
    """Normal directions, as natural evolution strategies draw them (Ilyas et al., 2018, arXiv:1804.08598)."""

    def directions(self, streams: RowStreams, rows: Indices, draw: Indices, features: int) -> Array:
        """Independent normal numbers."""
        return streams.normal(rows, draw, features)


@dataclass(frozen=True, kw_only=True)
class SPSA(Estimation):
    """Directions of random signs: simultaneous perturbation (Spall, 1992; Uesato et al., 2018, arXiv:1802.05666)."""

    def directions(self, streams: RowStreams, rows: Indices, draw: Indices, features: int) -> Array:
        """Independent signs."""
        return np.where(streams.uniform(rows, draw, features) < 0.5, np.float32(-1), np.float32(1))


class _Ascent:
    """All arrays have the field's length; the rows that stand take their steps together."""

    def __init__(self, player: Estimation, view: ScoreView, rng: Generator) -> None:
        self._player, self._view, self._center = player, view, view.field.x
        self._streams, self._budget = RowStreams(self._center, rng), budgets(view, player.queries)
        self._left = self._budget.copy()
        self._x, self._mean = self._center.copy(), np.zeros_like(self._center)
        self._score = np.full(len(self._x), -np.inf, np.float32)

    def run(self) -> Array:
        """The best points (n, d)."""
        everyone = np.flatnonzero(self._left)
        self._answer = self._random()
        misread = everyone[~(self._asked(self._center[everyone], everyone) <= 0)]
        self._answer[misread], self._score[misread] = self._center[misread], np.inf
        size = max(1, _CHUNK // (self._player.pairs * self._center.shape[1]))
        for start in range(0, len(everyone), size):
            rows, time = self._standing(everyone[start : start + size]), 0
            while rows.size:
                self._step(rows, time)
                rows, time = self._standing(rows), time + 1
        return self._answer

    def _standing(self, rows: Indices) -> Indices:
        return rows[(self._score[rows] <= 0) & (self._left[rows] > 0)]

    def _asked(self, x: Array, about: Indices) -> Array:
        """The margins (m,) of x (m, d), each asked for at the price of the row it is about (m,)."""
        np.subtract.at(self._left, about, 1)
        return margins(self._view.scores(x, about), self._view.field.y[about])

    def _consider(self, x: Array, about: Indices) -> Array:
        """The same, and each row keeps its best point."""
        margin = self._asked(x, about)
        worth = np.where(np.isnan(margin), np.inf, margin)
        order = np.lexsort((-worth, about))
        first = order[np.diff(about[order], prepend=-1) > 0]
        better = first[worth[first] > self._score[about[first]]]
        self._answer[about[better]], self._score[about[better]] = x[better], worth[better]
        return margin

    def _step(self, rows: Indices, time: int) -> None:
        """Probe and move every row that can pay for a pair; a row with one question left asks where it stands."""
        last, rows = rows[self._left[rows] == 1], rows[self._left[rows] > 1]
        if last.size:
            moved = (self._x[last] != self._center[last]).any(axis=1, keepdims=True)
            self._consider(np.where(moved, self._x[last], self._answer[last]), last)
        if rows.size:
            spent = 1 - self._left[rows] / self._budget[rows]
            self._mean[rows] *= np.float32(self._player.momentum)
            self._mean[rows] += self._estimate(rows, time)
            self._move(rows, self._player.step / 2 * (1 + np.cos(np.pi * spent)))

    def _estimate(self, rows: Indices, time: int) -> Array:
        """The margins' gradients (m, d), each of largest entry 1."""
        pairs = np.minimum(self._left[rows] // 2, self._player.pairs)
        about, begins = np.repeat(rows, pairs), np.cumsum(pairs) - pairs
        draw = time * self._player.pairs + np.arange(len(about)) - np.repeat(begins, pairs)
        u = self._player.directions(self._streams, about, draw, self._center.shape[1])
        x, center, reach = self._x[about], self._center[about], u * np.float32(self._player.probe * self._unit())
        both = np.concatenate([self._view.ball.project(x + reach, center), self._view.ball.project(x - reach, center)])
        margin = self._consider(both, np.concatenate([about, about]))
        rise = np.nan_to_num(margin[: len(about)] - margin[len(about) :])
        g = np.add.reduceat(rise[:, None] * u, begins)
        return g / np.maximum(np.abs(g).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)

    def _random(self) -> Array:
        """A random point of the ball for each row, for want of a better one."""
        everyone = np.arange(len(self._center))
        u = self._player.directions(self._streams, everyone, np.full_like(everyone, _START), self._center.shape[1])
        return self._view.ball.project(self._center + u * np.float32(self._unit()), self._center)

    def _unit(self) -> float:
        """How far a direction of the radius's length goes in each coordinate."""
        features, ball = self._center.shape[1], self._view.ball
        return ball.radius / {"linf": 1, "l2": features**0.5, "l1": features}[ball.norm]

    def _move(self, rows: Indices, share: Array) -> None:
        """A step by a share (m,) of the radius along the mean estimates."""
        ball, g = self._view.ball, self._mean[rows]
        d = _spread(g) if ball.norm == "l1" else ball.direction(g)
        length = (ball.radius * share).astype(np.float32)[:, None]
        self._x[rows] = ball.project(self._x[rows] + length * d, self._center[rows])


def _spread(g: Array) -> Array:
    """A step of unit L1 norm, shared by the largest coordinates."""
    k = max(1, int(_SPREAD * g.shape[1]))
    floor = -np.partition(-np.abs(g), k - 1, axis=1)[:, k - 1 : k]
    step = np.where(np.abs(g) >= floor, np.sign(g), 0)
    return step / np.maximum(np.abs(step).sum(axis=1, keepdims=True), 1)
