"""The loop that gradient attacks share: ascend a loss in the ball, keep each row's best point, leave fooled rows alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.walks import walk
from arena.engine import Loss, Objective
from arena.engine.arrays import Array, Labels
from arena.engine.threads import over_chunks
from arena.views import GradientView

_FOOLED = np.float32(100)  # a fooled point outranks any that is not: their losses differ by less, at most log(classes)
_CROWDED = 0.125  # the share of fooled rows that a chunk carries along before it is compacted


@dataclass(frozen=True)
class Ascent:
    """How to climb: a loss, the size of each step, momentum, and what counts as fooled."""

    loss: Loss
    sizes: tuple[float, ...]
    restarts: int
    momentum: float
    target: int | None
    stop_fooled: bool

    def fooled(self, z: Array, y: Labels) -> Array:
        """Which rows (n,) of logits z reach the goal: misread, or read as the target."""
        read = z.argmax(axis=1)
        return read != y if self.target is None else read == self.target


def ascend(view: GradientView, ascent: Ascent, start: Callable[[Array, Generator], Array], rng: Generator) -> Array:
    """The best point found for each row of the view's field, over all restarts."""
    center, y = view.field.x, view.field.y
    answer, best = center.copy(), np.full(len(y), -np.inf, np.float32)
    for _ in range(ascent.restarts):
        begin = start(center, rng)
        standing = np.flatnonzero(best < np.inf)

        def work(part: slice, begin: Array = begin, standing: Array = standing) -> None:
            rows = standing[part]
            climb = _Climb(view, ascent, begin[rows], center[rows], y[rows], answer[rows], best[rows])
            answer[rows], best[rows] = climb.run()

        over_chunks(len(standing), work)
    return answer


class _Climb:
    """One ascent of a chunk: `found` and `best` are full length; `alive` are the indices still walking."""

    def __init__(
        self, view: GradientView, ascent: Ascent, begin: Array, center: Array, y: Labels, found: Array, best: Array
    ) -> None:
        self._ascent, self._y = ascent, y
        self._walk = walk(view.ball, begin, center)
        self._objective = Objective(view.model, ascent.loss, len(y))
        self._velocity = np.zeros_like(begin) if ascent.momentum else None
        self.found, self.best = found, best
        self._alive: Array | None = None  # None: all of them

    def run(self) -> tuple[Array, Array]:
        """The best points (n, d) and their scores (n,), inf where fooled and dropped."""
        for size in self._ascent.sizes:
            z, values, g = self._objective(self._walk.x, self._y)
            kept = self._record(z, values)
            if kept is not None:
                if not kept.size:
                    return self.found, self.best
                g = g[kept]
            self._walk.step(np.ascontiguousarray(self._directed(g), np.float32), size)
        z = self._objective.logits(self._walk.x)
        self._record(z, self._ascent.loss.value_and_grad(z, self._y)[0])
        return self.found, self.best

    def _record(self, z: Array, values: Array) -> Array | None:
        """Keep what improved; the rows to go on with where the chunk was compacted, else None."""
        fooled = self._ascent.fooled(z, self._y)
        score = values + fooled * _FOOLED
        if self._alive is None:
            better = score > self.best
            if better.all():
                np.copyto(self.found, self._walk.x)
                np.copyto(self.best, score, casting="same_kind")
            elif better.any():
                rows = better.nonzero()[0]
                self.found[rows], self.best[rows] = self._walk.x[rows], score[rows]
        else:
            rows = (score > self.best[self._alive]).nonzero()[0]
            self.found[self._alive[rows]], self.best[self._alive[rows]] = self._walk.x[rows], score[rows]
        return self._dropped(fooled) if self._ascent.stop_fooled and fooled.any() else None

    def _dropped(self, fooled: Array) -> Array | None:
        alive = np.arange(len(self._y)) if self._alive is None else self._alive
        self.best[alive[fooled]] = np.inf
        standing = (self.best[alive] < np.inf).nonzero()[0]
        if len(standing) > (1 - _CROWDED) * len(alive):
            return None
        self._alive, self._y = alive[standing], self._y[standing]
        self._walk.keep(standing)
        if self._velocity is not None:
            self._velocity = self._velocity[standing]
        return standing

    def _directed(self, g: Array) -> Array:
        if self._velocity is None:
            return g
        length = np.abs(g).sum(axis=1, keepdims=True)
        self._velocity *= np.float32(self._ascent.momentum)
        self._velocity += g / np.where(length > 0, length, 1)
        return self._velocity
