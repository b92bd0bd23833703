"""Auto-PGD: momentum, and a step size of each row's own, halved where its loss no longer rises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.goals import LOSSES, LossName
from arena.checks import one_of, whole
from arena.engine import Objective
from arena.engine.arrays import Array, Labels, Mask
from arena.engine.model import hit
from arena.engine.threads import over_chunks
from arena.moves import Perturbation
from arena.views import GradientView

_INERTIA, _RISING = 0.75, 0.75


@dataclass(frozen=True, kw_only=True)
class APGD:
    """Ascent without a step size to choose (Croce & Hein, 2020, arXiv:2003.01690), in L∞ and L2; in L1 towards far points.

    Steps start at twice the radius. At checkpoints that come ever closer a row's step is halved, and the row goes back to
    its best point, where fewer than three quarters of the steps since the last one raised its loss, or the best loss and the
    step have stood still. Each row keeps its first misread point, else its best one.
    """

    steps: int = 100
    loss: LossName = "dlr"

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        one_of("loss", self.loss, LOSSES)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The point found for each row."""
        answer, begin = view.field.x.copy(), view.ball.uniform(view.field.x, rng)

        def work(part: slice) -> None:
            answer[part] = _Walk(self, view, view.field.x[part], view.field.y[part], begin[part]).run()

        over_chunks(len(answer), work)
        return Perturbation(answer)


class _Walk:
    """One chunk of rows; `_best` holds each row's best point, its gradient and its loss."""

    def __init__(self, player: APGD, view: GradientView, center: Array, y: Labels, begin: Array) -> None:
        self._ball, self._center, self._y, self._x = view.ball, center, y, begin
        self._objective = Objective(view.model, LOSSES[player.loss])
        self._objective.at(y)
        self._marks = checkpoints(player.steps)
        self._steps, n = player.steps, len(y)
        self._eta = np.full((n, 1), 2 * view.ball.radius, np.float32)
        self._rose, self._halved = np.zeros(n, np.intp), np.ones(n, bool)

    def run(self) -> Array:
        """The points (n, d)."""
        before, loss, g, fooled = self._x, *self._look(self._x)
        self._best, self._slope, self._top = self._x.copy(), g.copy(), loss.copy()
        answer, done, since, marked = self._x.copy(), fooled.copy(), 0, self._top.copy()
        for step in range(1, self._steps + 1):
            inertia = 1.0 if step == 1 else _INERTIA
            x = self._moved(self._x, before, g, inertia)
            before, self._x, last = self._x, x, loss
            loss, g, fooled = self._look(x)
            self._rose += loss > last
            self._note(x, loss, g)
            answer[fooled & ~done], done = x[fooled & ~done], done | fooled
            if done.all():
                break
            since += 1
            if step in self._marks:
                g = self._checkpoint(since, marked, loss, g)
                since, marked = 0, self._top.copy()
        answer[~done] = self._best[~done]
        return answer

    def _look(self, x: Array) -> tuple[Array, Array, Mask]:
        """Losses, gradients, and which rows are misread."""
        z, loss, g = self._objective(x)
        return loss.copy(), np.array(g, np.float32), ~hit(z, self._y)

    def _moved(self, x: Array, before: Array, g: Array, inertia: float) -> Array:
        if self._ball.norm == "l1":
            share = np.minimum(self._eta / np.float32(2 * self._ball.radius), 1)
            u = x + share * (self._ball.farthest(g, self._center) - x)
        else:
            u = self._ball.project(x + self._eta * self._ball.direction(g), self._center)
        mixed = x + np.float32(inertia) * (u - x) + np.float32(1 - inertia) * (x - before)
        return self._ball.project(mixed, self._center)

    def _note(self, x: Array, loss: Array, g: Array) -> None:
        better = loss > self._top
        self._best[better], self._slope[better], self._top[better] = x[better], g[better], loss[better]

    def _checkpoint(self, since: int, marked: Array, loss: Array, g: Array) -> Array:
        """Halve where the walk is stuck, and send those rows back to their best points."""
        still = ~self._halved & (self._top <= marked)
        stuck = (self._rose <= _RISING * since) | still
        self._eta[stuck] /= 2
        self._x = np.where(stuck[:, None], self._best, self._x)
        loss[stuck] = self._top[stuck]
        self._rose[:], self._halved = 0, stuck
        return np.where(stuck[:, None], self._slope, g)


def checkpoints(steps: int) -> frozenset[int]:
    """The steps at which a run of so many looks back: gaps of 0.22, 0.19, 0.16, … of it, never below 0.06."""
    found, at, gap = set(), 0, 22
    while at < 100:
        at, gap = at + gap, max(gap - 3, 6)
        found.add(max(1, round(at * steps / 100)))
    return frozenset(found)
