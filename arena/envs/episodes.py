"""Episodes of an attacker's environment, n at a time: each slot attacks one example of a match in play."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from arena.engine.arrays import Array, Indices, Mask
from arena.engine.threads import blas_threads, one_blas_thread
from arena.envs.hosts import FieldInPlay, Host
from arena.learning.attempts import Attempts, Craft, Slots, part


class Episodes:
    """N slots, filled from matches that are opened as they are needed; rows of one match are asked in one forward pass."""

    def __init__(self, host: Host, craft: Craft, n: int, steps: int) -> None:
        data = host.scenario.dataset
        features, ball = data.rows.x.shape[1], host.scenario.threat.ball
        self.state = Attempts(n, features, data.classes, ball, steps=steps, actions=craft.actions)
        self._host, self._craft = host, craft
        self._rows, self._asks, self._match = np.zeros(n, np.intp), np.zeros(n, np.intp), np.full(n, -1)
        self._live: dict[int, FieldInPlay] = {}
        self._opened = 0
        self._alone = one_blas_thread if blas_threads() > 1 else nullcontext  # a limit costs as much as a step

    def begin(self, slots: ArrayLike, rng: Generator) -> None:
        """Return the examples in the slots as they stand, and take fresh ones."""
        fresh = np.array(slots, np.intp)
        with self._alone():
            self._give(fresh)
            self._take(fresh, rng)

    def advance(self, actions: Any, fresh: Mask | None = None) -> Array:
        """Act in every slot but those that are `fresh` (n,), just begun: the gain in margin of each (n,), zero where fresh."""
        state, acting = self.state, slice(None) if fresh is None else np.flatnonzero(~fresh)
        gains = np.zeros(len(state.x), np.float32)
        if fresh is not None and fresh.all():
            return gains
        actions = part(actions, acting)
        x = self._craft.propose(state, acting, actions)
        with self._alone():
            answers = self._asked(acting, x)
        gains[acting] = self._craft.settle(state, acting, actions, x, *answers)
        return gains

    def _asked(self, slots: Slots, x: Array) -> tuple[Array, Array | None]:
        """What the targets say of x (m, d) in the slots: all matches against one network in sight share a pass."""
        y, rows, asks = (part(a, slots) for a in (self.state.y, self._rows, self._asks))
        looks = {id(field.look): field.look for field in self._live.values()}
        if len(looks) == 1:
            return next(iter(looks.values()))(x, y, rows)
        z, g = np.empty((len(x), self.state.classes), np.float32), None
        for number, look in looks.items():
            mine = np.flatnonzero(asks == number)
            if len(mine):
                z[mine], gradient = look(x.take(mine, axis=0), y.take(mine), rows.take(mine))
                if gradient is not None:
                    g = np.empty_like(x) if g is None else g
                    g[mine] = gradient
        return z, g

    def observe(self) -> Array:
        """What the agents see."""
        return self._craft.observe(self.state)

    def _give(self, slots: Indices) -> None:
        held = self._match[slots]
        for number, field in list(self._live.items()):
            mine = slots[held == number]
            if len(mine):
                field.give(self._rows[mine], self.state.x[mine])
                if field.sitting.turn is None:
                    del self._live[number]

    def _take(self, slots: Indices, rng: Generator) -> None:
        """The next examples of the newest match, then those of others, opened as they are needed."""
        while len(slots):
            newest = self._live.get(self._opened)
            rows = newest.take(len(slots)) if newest else slots[:0]
            if newest and len(rows):
                taken, slots = slots[: len(rows)], slots[len(rows) :]
                self._match[taken], self._rows[taken], self._asks[taken] = self._opened, rows, id(newest.look)
                self.state.copy(taken, newest.start, rows)
            else:
                self._opened += 1
                self._live[self._opened] = self._host.open(rng)
