"""Runs towards each row's rival classes: all of them briefly, then the nearest again and again from fresh starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.ascent import Ascent, ascend
from arena.engine import Between, cosine
from arena.engine.arrays import Array, Indices
from arena.engine.model import hit, logits_of
from arena.moves import Perturbation
from arena.views import GradientView

_CLASSES = 9
_SCREEN = 20  # steps towards every rival
_PURSUIT = ((3, 50), (3, 50), (2, 100))  # (rivals, steps) of each round after


@dataclass(frozen=True, kw_only=True)
class MultiTargeted:
    """Ascends z_t - z_y for several t a row (Gowal et al., 2019, arXiv:1910.09338): all briefly, then the nearest for longer."""

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """A success for each row, else the point with the least z_y - z_t."""
        return Perturbation(Rivals(view, rng).run())


class Rivals:
    """The rows of a view and how near each rival class came.

    Every (row, rival) pair is a row of one batch, so that rounds cost full matrix products whatever still stands.
    """

    def __init__(self, view: GradientView, rng: Generator) -> None:
        self._view, self._rng = view, rng
        n = len(view.field)
        self._answer, self._gap = view.field.x.copy(), np.full((n, view.model.classes), np.inf, np.float32)
        self._standing = np.arange(n)

    def run(self) -> Array:
        """The points found (n, d): a success, or the one with the least z_y - z_t."""
        z = logits_of(self._view.model, self._view.field.x).astype(np.float32)
        z[self._standing, self._view.field.y] = -np.inf
        order = np.argsort(-z, axis=1, kind="stable")
        self._round(order[:, : min(_CLASSES, z.shape[1] - 1)], _SCREEN)
        for rivals, steps in _PURSUIT:
            if not self._standing.size:
                break
            nearest = np.argsort(self._gap[self._standing], axis=1, kind="stable")
            self._round(nearest[:, : min(rivals, z.shape[1] - 1)], steps)
        return self._answer

    def _round(self, aims: Indices, steps: int) -> None:
        """One run of each standing row towards each of its aims (m, k)."""
        rows, aim = np.repeat(self._standing, aims.shape[1]), aims.ravel()
        view = self._view.only(rows)
        sizes = tuple(2 * view.ball.radius * cosine(t / steps) for t in range(steps))
        ascent = Ascent(Between(), sizes, 1, 0.0, None, True)
        x = ascend(view, ascent, view.ball.scattered, self._rng, aims=aim)
        z, at = logits_of(view.model, x), np.arange(len(rows))
        gap = z[at, view.field.y] - z[at, aim]
        fooled = ~hit(z, view.field.y)
        self._keep(rows, aim, x, np.where(fooled, -np.inf, gap), aims.shape[1])

    def _keep(self, rows: Indices, aim: Indices, x: Array, gap: Array, k: int) -> None:
        """Each row's best point of its k runs, if better than before; rows that fell no longer stand."""
        before = self._gap[self._standing].min(axis=1)
        best = gap.reshape(-1, k).argmin(axis=1) + np.arange(0, len(rows), k)
        better = gap[best] < before
        self._answer[self._standing[better]] = x[best[better]]
        np.minimum.at(self._gap, (rows, aim), gap)
        self._standing = self._standing[~np.isneginf(gap[best])]
