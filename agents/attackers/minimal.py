"""The nearest point of another class: a minimal-norm attack, one run of which gives the whole robustness curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.hyperplanes import reach
from arena.checks import whole
from arena.engine import Between, Objective
from arena.engine.arrays import Array, Indices, Labels, Mask
from arena.engine.model import hit, logits_of
from arena.engine.threads import over_chunks
from arena.moves import Perturbation
from arena.views import GradientView

_BIAS, _OVER, _BACK = 0.1, 1.05, 0.9  # at most this share of the centre's own step; beyond the border; back when across
_PUSHED = 1.001


@dataclass(frozen=True, kw_only=True)
class MinimalNorm:
    """Linearises the border towards each of the `rivals` nearest classes and steps onto it (FAB, arXiv:1907.02044).

    Every hyperplane is met inside the box exactly. On a linear network the answer is the closed form.
    """

    steps: int = 50
    rivals: int = 3

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        whole("rivals", self.rivals)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The nearest misread point found where it lies in the ball, else the row as it was."""
        x, size = self.nearest(view)
        inside = size <= view.ball.radius + view.ball.tolerance
        pushed = view.field.x + np.float32(_PUSHED) * (
            x - view.field.x
        )  # a rounding away from the border, and no farther
        near = view.ball.project(pushed, view.field.x)
        return Perturbation(np.where(inside[:, None], near, view.field.x))

    def nearest(self, view: GradientView) -> tuple[Array, Array]:
        """Misread points (n, d) and their distances (n,) in the ball's norm, whatever its radius; inf where none was found."""
        x, y = view.field.x, view.field.y
        z = logits_of(view.model, x).astype(np.float64)
        wrong = ~hit(z, y)
        z[np.arange(len(y)), y] = -np.inf
        aims = np.argsort(-z, axis=1, kind="stable")[:, : min(self.rivals, z.shape[1] - 1)]
        rows, aim = np.repeat(np.arange(len(y)), aims.shape[1]), aims.ravel()
        found, size = x[rows], np.full(len(rows), np.inf)

        def work(part: slice) -> None:
            found[part], size[part] = _search(view, x[rows[part]], y[rows[part]], aim[part], self.steps)

        over_chunks(len(rows), work)
        best = size.reshape(-1, aims.shape[1]).argmin(axis=1) + np.arange(len(y)) * aims.shape[1]
        return np.where(wrong[:, None], x, found[best]), np.where(wrong, 0.0, size[best])


def _search(view: GradientView, center: Array, y: Labels, aim: Indices, steps: int) -> tuple[Array, Array]:
    """The nearest misread point of each (row, aim) pair and its distance."""
    search = _Search(view, center, y, aim)
    x = search.center
    for _ in range(steps):
        x = search.step(x, *search.look(x))
    search.look(x)
    search.polish()
    return search.best.astype(np.float32), search.size


class _Search:
    """One chunk of (row, aim) pairs, in the network's own dtype; `best` (n, d) and `size` (n,) are what was found."""

    def __init__(self, view: GradientView, center: Array, y: Labels, aim: Indices) -> None:
        self._ball, self._y = view.ball, y
        self._objective = Objective(view.model, Between())
        self._objective.at(np.stack([y, aim], axis=1))
        self.center = center.astype(getattr(view.model, "dtype", np.float32))
        self.best, self.size = self.center.copy(), np.full(len(y), np.inf)

    def look(self, x: Array) -> tuple[Array, Array, Mask]:
        """The gap z_t - z_y, its gradient, and which rows are misread; the nearest of those are kept."""
        z, gap, g = self._objective(x)
        across = ~hit(z, self._y)
        length = self._ball.size(x.astype(np.float64) - self.center)
        better = across & (length < self.size)
        self.best[better], self.size[better] = x[better], length[better]
        return np.nan_to_num(gap), np.array(g), across

    def step(self, x: Array, gap: Array, g: Array, across: Mask) -> Array:
        """Onto the linearised border, from x and a little from the centre; a row that is across goes back instead."""
        home = self._home(x, gap, g)
        own = reach(self._ball, x, g, -gap)
        one, two = (self._ball.size(d)[:, None].astype(x.dtype) for d in (own, home))
        share = np.minimum(np.divide(one, one + two, out=np.zeros_like(one), where=one + two > 0), _BIAS)
        moved = (1 - share) * (x + _OVER * own) + share * (self.center + _OVER * home)
        back = self.center + _BACK * (x - self.center)
        return np.clip(np.where(across[:, None], back, moved), *self._ball.box)

    def polish(self) -> None:
        """Straight from the centre onto the border as it looks from the best point, and just across."""
        for _ in range(2):
            gap, g, _ = self.look(self.best.copy())
            home = self._home(self.best, gap, g)
            for beyond in (1e-7, 1e-5, 1e-3):
                self.look(np.clip(self.center + (1 + beyond) * home, *self._ball.box))

    def _home(self, x: Array, gap: Array, g: Array) -> Array:
        return reach(self._ball, self.center, g, np.einsum("ij,ij->i", g, x - self.center) - gap)
