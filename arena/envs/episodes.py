"""Episodes of an attacker's environment, n at a time: each slot attacks one example of a match in play."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array, Mask
from arena.envs.hosts import FieldInPlay, Host
from arena.learning.attempts import Attempts, Slots


class Craft(Protocol):
    """What an action does to an example, and what the agent sees: the part in which the environments differ."""

    @property
    def actions(self) -> int:
        """How many discrete actions there are; 0: an action is a number in [-1, 1] for each feature."""

    def length(self, classes: int) -> int:
        """How long an observation is."""

    def propose(self, attempts: Attempts, slots: Slots, actions: Any) -> Array:
        """The points (m, d) that the actions lead to."""

    def settle(self, attempts: Attempts, slots: Slots, actions: Any, x: Array, z: Array, g: Array | None) -> Array:
        """Move the slots to x as the rules say: the gain in margin of each (m,)."""

    def observe(self, attempts: Attempts) -> Array:
        """Observations (n, length), float32 in [-1, 1], in a fresh array."""


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

    def begin(self, slots: Iterable[int], rng: Generator) -> None:
        """Return the examples in the slots as they stand, and take fresh ones."""
        for slot in slots:
            self._give(slot)
            number, field, row = self._take(rng)
            self._match[slot], self._rows[slot] = number, row
            only, g = slice(row, row + 1), None if field.g is None else field.g[row : row + 1]
            self.state.place(slice(slot, slot + 1), field.field.x[only], field.field.y[only], field.z[only], g)

    def advance(self, actions: Any, acting: Mask) -> Array:
        """Act in the slots that are `acting` (n,): the gain in margin of each (n,), zero elsewhere."""
        gains = np.zeros(len(acting), np.float32)
        for number, field in self._live.items():
            mine = (self._match == number) & acting
            if not mine.any():
                continue
            slots = slice(None) if mine.all() else np.flatnonzero(mine)
            chosen = actions[slots]
            x = self._craft.propose(self.state, slots, chosen)
            z, g = field.look(x, self.state.y[slots], self._rows[slots])
            gains[slots] = self._craft.settle(self.state, slots, chosen, x, z, g)
        return gains

    def observe(self) -> Array:
        """What the agents see."""
        return self._craft.observe(self.state)

    def _give(self, slot: int) -> None:
        number = int(self._match[slot])
        if number >= 0:
            self._live[number].give(int(self._rows[slot]), self.state.x[slot])
            if self._live[number].sitting.turn is None:
                del self._live[number]
            self._match[slot] = -1

    def _take(self, rng: Generator) -> tuple[int, FieldInPlay, int]:
        """An example of the newest match, or the first one of another."""
        newest = self._live.get(self._opened)
        row = newest.take() if newest else None
        if newest is None or row is None:
            self._opened += 1
            newest = self._live[self._opened] = self._host.open(rng)
            row = newest.take()
            assert row is not None  # a field in play begins with one
        return self._opened, newest, row
