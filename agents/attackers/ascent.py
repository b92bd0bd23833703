"""The loop that gradient attacks share: ascend a loss in the ball, keep each row's best point, leave fooled rows alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.walks import walk
from arena.engine import Loss, Objective
from arena.engine.arrays import Array, Indices, Labels, Mask, finite
from arena.engine.threads import over_chunks
from arena.views import GradientView

_FOOLED = np.float32(100)  # a fooled point outranks any that is not: their losses differ by less, at most log(classes)
_BEYOND = 1e6  # what a loss that is not finite counts for
_CROWDED = 0.125  # the share of fooled rows that a chunk carries along before it is compacted
_AIMED = 160  # rows a chunk where each has an aim: what still stands is few, and goes to all cores
_FIRST, _BLOCK = 4, 8  # points are compared in blocks of steps, the first one short: many rows are fooled at once
_ROOM = 2**18  # where no row is dropped, a block is as long as this many numbers allow


@dataclass(frozen=True)
class Ascent:
    """How to climb: a loss, the size of each step, momentum, and what counts as fooled."""

    loss: Loss
    sizes: tuple[float, ...]
    restarts: int
    momentum: float
    target: int | None
    stop_fooled: bool


def ascend(
    view: GradientView,
    ascent: Ascent,
    start: Callable[[Array, Generator], Array],
    rng: Generator,
    *,
    aims: Labels | None = None,
) -> Array:
    """The best point found for each row of the view's field, over all restarts, from `start`, put into ball ∩ box.

    With `aims` (n,), a class for each row, the loss is given pairs (true label, aim) for labels, (n, 2), as Between wants.
    """
    center, y = view.field.x, view.field.y if aims is None else np.stack([view.field.y, aims], axis=1)
    answer, best = center.copy(), np.full(len(y), -np.inf, np.float32)
    for _ in range(ascent.restarts):
        begin = start(center, rng)
        standing = (best < np.inf).nonzero()[0]

        def work(part: slice, begin: Array = begin, standing: Indices = standing) -> None:
            rows = part if len(standing) == len(y) else standing[part]
            climb = _Climb(view, ascent, begin[rows], center[rows], y[rows], answer[rows], best[rows])
            answer[rows], best[rows] = climb.run()

        over_chunks(len(standing), work, **({} if aims is None else {"chunk": _AIMED}))
    return answer


class _Climb:
    """One ascent of a chunk: `found` (n, d) and `best` (n,) are full length, the rest follows the rows still walking."""

    def __init__(
        self, view: GradientView, ascent: Ascent, begin: Array, center: Array, y: Labels, found: Array, best: Array
    ) -> None:
        self._ascent, self.found, self.best = ascent, found, best
        self._walk = walk(view.ball, center, ascent.sizes)
        self._objective = Objective(view.model, ascent.loss)
        self._velocity = np.zeros_like(begin) if ascent.momentum else None
        self._reached = np.not_equal if ascent.target is None else np.equal
        self._alive = np.arange(len(y))
        self._z: list[Array] = []  # logits and notes of the block's steps
        self._notes: list[Array] = []
        self._steps = min(self._walk.steps + 1, max(_BLOCK, 0 if ascent.stop_fooled else _ROOM // begin.size))
        self._set(y, begin)

    def run(self) -> tuple[Array, Array]:
        """The best points (n, d) and their scores (n,), inf where fooled and dropped."""
        x, slot, due = self._x[0], 0, min(_FIRST, self._steps) if self._ascent.stop_fooled else self._steps
        direction, step, straight = self._objective.direction, self._walk.step, self._velocity is None
        read, noted = self._z.append, self._notes.append
        for t in range(self._walk.steps):
            z, note, g = direction(x)
            read(z)
            noted(note)
            slot += 1
            if slot == due:
                kept, slot, due = self._compare(), 0, self._steps
                if kept is not None:
                    if not kept.size:
                        return self.found, self.best
                    x, g = x[kept], g[kept]
            out = self._x[slot]
            step(t, x, g if straight else self._directed(g), out)
            x = out
        z, note, _ = self._objective.note(x)
        read(z)
        noted(note)
        self._compare()
        return self.found, self.best

    def _set(self, y: Labels, begin: Array | None = None) -> None:
        """Room for a block of steps of the rows whose labels or targets are y."""
        self._y, target = y, self._ascent.target
        own = y if y.ndim == 1 else y[:, 0]
        self._goal = own if target is None else np.full_like(own, target)
        self._objective.at(y)
        self._x = np.empty((self._steps, len(y), self.found.shape[1]), np.float32)
        if begin is not None:
            self._walk.begin(begin, self._x[0])

    def _compare(self) -> Indices | None:
        """Keep the block's best points; the rows to go on with where the chunk was compacted, else None."""
        each, z = np.arange(len(self._alive)), np.array(self._z)
        loss = self._objective.values(np.array(self._notes), z).astype(np.float32)
        self._sound = bool(np.isfinite(z).all())
        if not self._sound:
            loss = np.nan_to_num(loss, nan=_BEYOND, posinf=_BEYOND, neginf=-_BEYOND)
        at, top, fooled = self._best(z, loss, each)
        self._z.clear()
        self._notes.clear()
        better = (top > self.best[self._alive]).nonzero()[0]
        rows = self._alive[better]
        self.found[rows], self.best[rows] = self._x[at[better], better], top[better]
        if not self._ascent.stop_fooled or not fooled.any():
            return None
        return self._dropped(fooled)

    def _best(self, z: Array, loss: Array, each: Indices) -> tuple[Indices, Array, Mask]:
        """The step that serves each row best, its score, and whether any step fools: (n,) each.

        Where the highest loss fools, no other step need be read.
        """
        score = loss + _FOOLED
        at = score.argmax(axis=0)
        top, fooled = score[at, each], self._fools(z[at, each], self._goal)
        rest = (~fooled).nonzero()[0]
        if rest.size:
            fools = self._fools(z[:, rest], self._goal[rest])
            score = loss[:, rest] + fools * _FOOLED
            at[rest], top[rest], fooled[rest] = score.argmax(axis=0), score.max(axis=0), fools.any(axis=0)
        return at, top, fooled

    def _fools(self, z: Array, goal: Labels) -> Mask:
        """Which points with logits z (…, n, classes) do what is wanted: logits that are not finite read nothing right."""
        fools = self._reached(z.argmax(axis=-1), goal)
        return fools if self._sound else np.where(np.isfinite(z).all(axis=-1), fools, self._ascent.target is None)

    def _dropped(self, fooled: Mask) -> Indices | None:
        self.best[self._alive[fooled]] = np.inf
        standing = (self.best[self._alive] < np.inf).nonzero()[0]
        if len(standing) > (1 - _CROWDED) * len(self._alive):
            return None
        self._alive = self._alive[standing]
        self._walk.keep(standing)
        self._set(self._y[standing])
        if self._velocity is not None:
            self._velocity = self._velocity[standing]
        return standing

    def _directed(self, g: Array) -> Array:
        """The running mean of gradients, each divided by its L1 norm."""
        assert self._velocity is not None
        g = finite(g)
        length = np.abs(g).sum(axis=1, keepdims=True)
        self._velocity *= np.float32(self._ascent.momentum)
        self._velocity += g / np.where(length > 0, length, 1)
        return self._velocity.copy()
