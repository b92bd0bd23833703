"""Gradient ascent where only scores are seen: the gradient is estimated from pairs of opposite probes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.asking import budgets, margins
from arena.checks import positive, share, whole
from arena.engine.arrays import Array, Indices
from arena.moves import Perturbation
from arena.streams import RowStreams
from arena.threat import Ball
from arena.views import ScoreView

_CHUNK = 4_000_000  # probe entries held at once
_SPREAD = 0.05  # of the coordinates share a step in L1, as in PGD


@dataclass(frozen=True, kw_only=True)
class Estimation(ABC):
    """What NES and SPSA share: `pairs` of probes a step, of length `probe` radius, and steps that begin at `step` radius.

    Steps fall along a cosine over the budget, `momentum` averages the estimates. At most `queries` an example, else what the
    view has left. Every probe is a point of ball ∩ box and a candidate itself; a fooled row is left alone.
    """

    queries: int | None = None
    pairs: int = 10
    probe: float = 0.1
    step: float = 0.5
    momentum: float = 0.5

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
    """All arrays have the field's length; rows that stand take their steps together."""

    def __init__(self, player: Estimation, view: ScoreView, rng: Generator) -> None:
        self._player, self._view, self._center = player, view, view.field.x
        self._streams, self._left = RowStreams(self._center, rng), budgets(view, player.queries)
        self._budget = self._left.copy()
        self._answer = self._center.copy()
        self._x, self._mean = self._center.copy(), np.zeros_like(self._center)
        self._score = np.full(len(self._center), -np.inf, np.float32)

    def run(self) -> Array:
        """The best points (n, d)."""
        everyone = np.flatnonzero(self._left)
        self._consider(self._center[everyone], everyone)
        size = max(1, _CHUNK // (self._player.pairs * self._center.shape[1]))
        for start in range(0, len(everyone), size):
            rows, time = self._standing(everyone[start : start + size]), 0
            while rows.size:
                self._step(rows, time)
                rows, time = self._standing(rows), time + 1
        return self._answer

    def _standing(self, rows: Indices) -> Indices:
        return rows[(self._score[rows] <= 0) & (self._left[rows] > 0)]

    def _consider(self, x: Array, about: Indices) -> Array:
        """Ask about x (m, d), in the order of `about` (m,), and keep each row's best; the margins (m,)."""
        margin = margins(self._view.scores(x, about), self._view.field.y[about])
        np.subtract.at(self._left, about, 1)
        worth = np.where(np.isnan(margin), np.inf, margin)
        order = np.lexsort((-worth, about))
        first = order[np.r_[True, np.diff(about[order]) > 0]] if len(order) else order
        better = first[worth[first] > self._score[about[first]]]
        self._answer[about[better]], self._score[about[better]] = x[better], worth[better]
        return worth

    def _step(self, rows: Indices, time: int) -> None:
        """Probe, and move each row that could pay for a pair; one that has a single question left asks where it stands."""
        pairs = np.minimum(self._left[rows] // 2, self._player.pairs)
        last, rows, pairs = rows[pairs == 0], rows[pairs > 0], pairs[pairs > 0]
        if last.size:
            self._consider(self._x[last], last)
        if not rows.size:
            return
        size = 0.5 * (1 + np.cos(np.pi * (1 - self._left[rows] / self._budget[rows])))
        self._mean[rows] *= np.float32(self._player.momentum)
        self._mean[rows] += self._estimate(rows, pairs, time)
        self._x[rows] = self._moved(self._x[rows], self._mean[rows], size[:, None], self._center[rows])

    def _estimate(self, rows: Indices, pairs: Indices, time: int) -> Array:
        about = np.repeat(rows, pairs)
        begins = np.r_[0, np.cumsum(pairs)[:-1]]
        number = np.arange(len(about)) - np.repeat(begins, pairs)
        u = self._player.directions(self._streams, about, time * self._player.pairs + number, self._center.shape[1])
        x, center, reach = self._x[about], self._center[about], u * np.float32(self._reach())
        both = np.concatenate([self._view.ball.project(x + reach, center), self._view.ball.project(x - reach, center)])
        margin = self._consider(both, np.concatenate([about, about]))
        rise = margin[: len(about)] - margin[len(about) :]
        g = np.add.reduceat(np.nan_to_num(rise)[:, None] * u, begins)
        return g / np.maximum(np.abs(g).max(axis=1, keepdims=True), np.finfo(np.float32).tiny)

    def _reach(self) -> float:
        """The size of a probe in each coordinate: one of `probe` radius in the ball's norm."""
        features, ball = self._center.shape[1], self._view.ball
        return self._player.probe * ball.radius / {"linf": 1, "l2": features**0.5, "l1": features}[ball.norm]

    def _moved(self, x: Array, g: Array, size: Array, center: Array) -> Array:
        ball = self._view.ball
        d = _spread(g) if ball.norm == "l1" else ball.direction(g)
        return ball.project(x + (self._player.step * ball.radius * size).astype(np.float32) * d, center)


def _spread(g: Array) -> Array:
    """A step of unit L1 norm on the largest coordinates."""
    k = max(1, int(_SPREAD * g.shape[1]))
    floor = -np.partition(-np.abs(g), k - 1, axis=1)[:, k - 1 : k]
    step = np.where(np.abs(g) >= floor, np.sign(g), 0)
    return step / np.maximum(np.abs(step).sum(axis=1, keepdims=True), 1)
