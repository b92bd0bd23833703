"""Jumps along the decision border by labels alone: find the border, estimate its normal, jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.hunt import Hunt
from arena.checks import positive, whole
from arena.engine.arrays import Array, Indices
from arena.moves import Perturbation
from arena.views import LabelView

_HALVINGS = 12
_SPARE = 4  # questions kept for the jump that probes prepare
_CHUNK = 4_000_000  # probe entries held at once


@dataclass(frozen=True, kw_only=True)
class HopSkipJump:
    """Estimates the border's normal from the labels of random probes and jumps along it (Chen et al., 2020, arXiv:1904.02144).

    Round t sends `probes` sqrt(t) of them, at `reach` of the distance. Since the ball is fixed, every round also asks
    about the ball's farthest point along the normal, and a row is left alone once it is fooled inside the ball.
    """

    queries: int | None = None
    probes: int = 30
    reach: float = 0.1

    def __post_init__(self) -> None:
        if self.queries is not None:
            whole("queries", self.queries)
        whole("probes", self.probes)
        positive("reach", self.reach)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """A misread point inside the ball where one was found, else the nearest one known, projected."""
        hunt = Hunt(view, self.queries, rng)
        rows, t = hunt.begin(), 1
        precise = self.reach / hunt.center.shape[1] ** 0.5
        hunt.search(hunt.x[rows], rows, precise)
        while (rows := rows[hunt.alive(rows, least=2 * _SPARE)]).size:
            normal = self._normals(hunt, rows, t)
            rows, normal = _still(hunt, rows, normal)
            hunt.nearer(hunt.ball.farthest(normal, hunt.center[rows]), rows)
            rows, normal = _still(hunt, rows, normal)
            jumped, landed = _jump(hunt, rows, normal, t)
            hunt.search(jumped, landed, precise)
            t += 1
        return Perturbation(hunt.answer)

    def _normals(self, hunt: Hunt, rows: Indices, t: int) -> Array:
        """The border's normals (m, d), towards where rows are misread."""
        wanted = int(self.probes * t**0.5)
        size = max(1, _CHUNK // (wanted * hunt.center.shape[1]))
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        return np.concatenate([self._normal(hunt, part, wanted, t) for part in parts])

    def _normal(self, hunt: Hunt, rows: Indices, wanted: int, t: int) -> Array:
        sent = np.minimum(hunt.left[rows] - _SPARE, wanted)
        about, begins = np.repeat(rows, sent), np.cumsum(sent) - sent
        draw = t * 2**20 + np.arange(len(about)) - np.repeat(begins, sent)
        u = hunt.streams.normal(about, draw, hunt.center.shape[1])
        u *= (np.float32(self.reach) * hunt.far[about] / hunt.length(u))[:, None]
        x = hunt.boxed(hunt.x[about] + u)
        side = np.where(hunt.ask(x, about), np.float32(1), np.float32(-1))
        mean = np.add.reduceat(side, begins) / sent
        weight = side - np.repeat(np.where(np.abs(mean) < 1, mean, 0), sent)
        return np.add.reduceat(weight[:, None].astype(np.float32) * (x - hunt.x[about]), begins)


def _still(hunt: Hunt, rows: Indices, normal: Array) -> tuple[Indices, Array]:
    go = hunt.alive(rows)
    return rows[go], normal[go]


def _jump(hunt: Hunt, rows: Indices, normal: Array, t: int) -> tuple[Array, Indices]:
    """Misread points beyond the border, stepped to by half as much while rows are read right, and whose they are."""
    unit = np.sign(normal) if hunt.ball.norm == "linf" else normal / np.maximum(hunt.length(normal)[:, None], 1e-30)
    x, size, landed = hunt.x[rows], hunt.far[rows, None] / np.float32(t**0.5), np.zeros(len(rows), bool)
    for _ in range(_HALVINGS):
        go = np.flatnonzero(hunt.alive(rows) & ~landed)
        if not go.size:
            break
        x[go] = hunt.boxed(hunt.x[rows[go]] + size[go] * unit[go])
        landed[go] = hunt.ask(x[go], rows[go])
        size[go] /= 2
    landed &= hunt.alive(rows)
    return x[landed], rows[landed]
