"""Jumps along the decision border by labels alone: find the border, estimate its normal, jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.hunt import Hunt
from arena.checks import positive, share, whole
from arena.engine.arrays import Array, Indices
from arena.moves import Perturbation
from arena.views import LabelView

_HALVINGS = 12  # of a jump, until it lands on the other side
_SPARE = 4  # questions kept for the jump that probes prepare
_CHUNK = 4_000_000  # probe entries held at once


@dataclass(frozen=True, kw_only=True)
class HopSkipJump:
    """Estimates the border's normal from the labels of random probes and jumps along it (Chen et al., 2020, arXiv:1904.02144).

    Round t sends `probes` sqrt(t) of them, `reach` of the distance away, and `momentum` averages the normals of its rounds
    (0 in the paper). Since the ball is fixed, every round also asks about the ball's farthest point along the normal, and a
    row is left alone once it is fooled inside the ball. At most `queries` an example, else what the view has left.
    """

    queries: int | None = None
    probes: int = 20
    reach: float = 0.1
    momentum: float = 0.75

    def __post_init__(self) -> None:
        if self.queries is not None:
            whole("queries", self.queries)
        whole("probes", self.probes)
        positive("reach", self.reach)
        share("momentum", self.momentum)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """A misread point inside the ball where one was found, else the nearest one known, projected."""
        hunt = Hunt(view, self.queries, rng)
        precise = self.reach / hunt.center.shape[1] ** 0.5
        normal = np.zeros_like(hunt.center)
        rows, t = hunt.begin(), 1
        hunt.search(hunt.x[rows], rows, precise)
        while (rows := rows[hunt.alive(rows, least=2 * _SPARE)]).size:
            normal[rows] = self.momentum * normal[rows] + self._normals(hunt, rows, t)
            rows = rows[hunt.alive(rows)]
            hunt.nearer(hunt.ball.farthest(normal[rows], hunt.center[rows]), rows)
            rows = rows[hunt.alive(rows)]
            jumped, landed = _jump(hunt, rows, normal[rows], t)
            hunt.search(jumped, landed, precise)
            t += 1
        return Perturbation(hunt.answer)

    def _normals(self, hunt: Hunt, rows: Indices, t: int) -> Array:
        """The border's unit normals (m, d), towards where rows are misread."""
        wanted = int(self.probes * t**0.5)
        size = max(1, _CHUNK // (wanted * hunt.center.shape[1]))
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        return np.concatenate([_unit(self._normal(hunt, part, wanted, t)) for part in parts])

    def _normal(self, hunt: Hunt, rows: Indices, wanted: int, t: int) -> Array:
        """The mean of the probes, each on its side of the border, less the mean side (to reduce the variance)."""
        sent = np.minimum(hunt.left[rows] - _SPARE, wanted)
        about, begins = np.repeat(rows, sent), np.cumsum(sent) - sent
        draw = t * 2**20 + np.arange(len(about)) - np.repeat(begins, sent)
        u = hunt.streams.normal(about, draw, hunt.center.shape[1])
        u *= (np.float32(self.reach) * hunt.far[about] / hunt.length(u))[:, None]
        start = hunt.x[about]
        x = hunt.boxed(start + u)
        side = np.where(hunt.ask(x, about), np.float32(1), np.float32(-1))
        mean = np.add.reduceat(side, begins) / sent
        side -= np.repeat(np.where(np.abs(mean) < 1, mean, 0), sent).astype(np.float32)
        return np.add.reduceat(side[:, None] * (x - start), begins)


def _jump(hunt: Hunt, rows: Indices, normal: Array, t: int) -> tuple[Array, Indices]:
    """Misread points beyond the border, by steps half as long while the row is read right; and the rows that landed."""
    step = np.sign(normal) if hunt.ball.norm == "linf" else _unit(normal)
    step *= hunt.far[rows, None] / np.float32(t**0.5)
    x, landed = hunt.x[rows], np.zeros(len(rows), bool)
    for _ in range(_HALVINGS):
        go = np.flatnonzero(hunt.alive(rows) & ~landed)
        x[go] = hunt.boxed(hunt.x[rows[go]] + step[go])
        landed[go] = hunt.nearer(x[go], rows[go])
        step[go] /= 2
    landed &= hunt.alive(rows)
    return x[landed], rows[landed]


def _unit(d: Array) -> Array:
    """Each row d (m, k) divided by its Euclidean length, where it has one."""
    return d / np.maximum(np.sqrt(np.einsum("ij,ij->i", d, d))[:, None], np.finfo(np.float32).tiny)
