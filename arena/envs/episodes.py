"""Episodes of an attacker's environment, n at a time: each slot attacks one example of a match in play."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from arena.engine.arrays import Array, Indices, Mask
from arena.envs.hosts import FieldInPlay, Host
from arena.learning.attempts import Attempts, Craft


class Episodes:
    """N slots, filled from matches that are opened as they are needed; rows of one match are asked in one forward pass."""

    def __init__(self, host: Host, craft: Craft, n: int, steps: int) -> None:
        data = host.scenario.dataset
        features, ball = data.rows.x.shape[1], host.scenario.threat.ball
        self.state = Attempts(n, features, data.classes, ball, steps=steps, actions=craft.actions)
        self._host, self._craft = host, craft
        self._rows, self._match = np.zeros(n, np.intp), np.full(n, -1)
        self._live: dict[int, FieldInPlay] = {}
        self._opened = 0

    def begin(self, slots: ArrayLike, rng: Generator) -> None:
        """Return the examples in the slots as they stand, and take fresh ones."""
        fresh = np.array(slots, np.intp)
        self._give(fresh)
        self._take(fresh, rng)
        for number, field in self._live.items():
            mine = fresh[self._match[fresh] == number]
            if len(mine):
                self.state.copy(mine, field.start, self._rows[mine])

    def advance(self, actions: Any, fresh: Mask | None = None) -> Array:
        """Act in every slot but those that are `fresh` (n,), just begun: the gain in margin of each (n,), zero where fresh."""
        state, everyone = self.state, slice(None)
        x, z, g = self._craft.propose(state, everyone, actions), state.z.copy(), None
        if fresh is not None:
            x[fresh] = state.x[fresh]
        for number, field in self._live.items():
            mine = np.flatnonzero(self._match == number if fresh is None else (self._match == number) & ~fresh)
            if len(mine):
                z[mine], gradient = field.look(x[mine], state.y[mine], self._rows[mine])
                if gradient is not None:
                    g = state.g.copy() if g is None else g
                    g[mine] = gradient
        gains = self._craft.settle(state, everyone, actions, x, z, g)
        if fresh is not None:
            state.used[fresh], state.tried[fresh] = 0, 0
        return gains

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
        filled = 0
        while filled < len(slots):
            rows = self._live[self._opened].take(len(slots) - filled) if self._opened in self._live else slots[:0]
            if not len(rows):
                self._opened += 1
                self._live[self._opened] = self._host.open(rng)
            taken = slots[filled : filled + len(rows)]
            self._match[taken], self._rows[taken] = self._opened, rows
            filled += len(rows)
