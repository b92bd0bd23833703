"""Every pixel at once: the full freedom of the ball, a step at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena.engine.arrays import Array
from arena.learning.attempts import Attempts, Slots, part
from arena.learning.regions import observation


@dataclass(frozen=True)
class Pixels:
    """An action in [-1, 1] a feature moves it by up to `size` radii; everything is kept, and projected into the ball."""

    features: int
    gradients: bool
    size: float = 0.5
    actions = 0

    def length(self, classes: int) -> int:
        """How long an observation is."""
        return (2 + self.gradients) * self.features + 2 * classes + 1

    def propose(self, attempts: Attempts, slots: Slots, actions: Array) -> Array:
        """The points (m, d) that the actions lead to."""
        step = np.float32(self.size * attempts.ball.radius)
        moved = part(attempts.x, slots) + step * np.clip(actions, -1, 1).astype(np.float32, copy=False)
        return attempts.project(slots, moved)

    def settle(self, attempts: Attempts, slots: Slots, actions: Array, x: Array, z: Array, g: Array | None) -> Array:
        """Move the slots: the gain in margin of each (m,)."""
        return attempts.settle(slots, x, z, g, only_gains=False)[0]

    def observe(self, attempts: Attempts) -> Array:
        """Observations (n, length) in [-1, 1]; where gradients are in sight, each divided by its largest entry."""
        if not self.gradients:
            return observation(attempts)
        size, starts = np.abs(attempts.g), np.arange(0, attempts.g.size, self.features)
        largest = size.take(starts + size.argmax(axis=1))[:, None]  # several times as fast as max
        return observation(attempts, attempts.g / np.where(largest > 0, largest, 1))
