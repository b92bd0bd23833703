"""A small set of moves that a policy can learn in minutes: which region of the picture, and to which end of the ball."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from arena.checks import whole
from arena.engine.arrays import Array, Indices, Mask
from arena.learning.attempts import Attempts, Slots, part

_INSIDE = 1 - 1e-6  # so that no rounding leaves [-1, 1]
_SCORE = np.float32(10)  # logits this far apart are drawn at tanh(1)


class Regions:
    """The picture cut into grid × grid regions, and into (grid / 2) × (grid / 2) larger ones; a row of no picture, into runs.

    Move 2 r sets region r of the noise to -radius, move 2 r + 1 to +radius; the ball's projection follows. What raises the
    margin is kept, anything else taken back and remembered as tried; where only labels are in sight, everything is kept.
    """

    def __init__(self, shape: Sequence[int], grid: int = 4, *, labels_only: bool = False) -> None:
        whole("grid", grid)
        self.shape, self.grid, self.labels_only = tuple(shape), grid, labels_only

    @cached_property
    def masks(self) -> Mask:
        """Which features (regions, d) belong to each region."""
        sizes = [self.grid] + ([self.grid // 2] if self.grid > 1 else [])
        return np.concatenate([self._cut(cells) for cells in sizes])

    @property
    def actions(self) -> int:
        """Two for each region."""
        return 2 * len(self.masks)

    def length(self, classes: int) -> int:
        """How long an observation is."""
        return 2 * self.masks.shape[1] + 2 * classes + self.actions + 1

    def classes(self, length: int) -> int:
        """How many classes go with an observation of this length."""
        return (length - self.length(0)) // 2

    def propose(self, attempts: Attempts, slots: Slots, actions: Indices) -> Array:
        """The points (m, d) that the moves lead to."""
        end = np.where(actions % 2 == 1, attempts.ball.radius, -attempts.ball.radius).astype(np.float32)
        moved = np.where(self.masks[actions // 2], part(attempts.center, slots) + end[:, None], part(attempts.x, slots))
        return attempts.project(slots, moved)

    def settle(self, attempts: Attempts, slots: Slots, actions: Indices, x: Array, z: Array, g: Array | None) -> Array:
        """Keep what gained and remember what did not: the gain in margin of each slot (m,)."""
        gain, kept = attempts.settle(slots, x, z, None, only_gains=not self.labels_only)
        numbers = attempts.numbers[slots]
        attempts.tried[numbers[kept]] = 0
        attempts.tried[numbers, actions] = 1
        return np.where(kept, gain, 0)

    def observe(self, attempts: Attempts) -> Array:
        """Observations (n, length) in [-1, 1]: the picture, the noise, the scores, the label, what was tried, what is left."""
        return observation(attempts, 2 * attempts.tried - 1)

    def _cut(self, cells: int) -> Mask:
        height, width, *channels = self.shape
        if height == 1:
            height, width, cells = 1, int(np.prod(self.shape)), cells * cells
        down = np.array_split(np.arange(height), min(cells, height))
        across = np.array_split(np.arange(width), min(cells, width))
        masks = np.zeros((len(down) * len(across), height, width, int(np.prod(channels)) if height > 1 else 1), bool)
        for i, (rows, columns) in enumerate((r, c) for r in down for c in across):
            masks[i, rows[:, None], columns] = True
        return masks.reshape(len(masks), -1)


def observation(attempts: Attempts, *more: Array) -> Array:
    """The parts that every agent sees, (n, k) float32 in [-1, 1], with `more` before the share of steps left."""
    low, high = attempts.ball.box
    picture = attempts.x * np.float32(2 * _INSIDE / (high - low))
    picture -= np.float32(_INSIDE * (low + high) / (high - low))
    noise = attempts.x - attempts.center
    noise *= np.float32(_INSIDE / attempts.ball.radius)
    own = attempts.z.take(np.arange(len(noise)) * attempts.classes + attempts.y)[:, None]
    told = np.tanh((attempts.z - own) / _SCORE)
    left = (1 - 2 * attempts.used / attempts.steps)[:, None]
    parts = (picture, noise, told, attempts.marks.take(attempts.y, axis=0), *more, left)
    return np.concatenate(parts, axis=1, dtype=np.float32)
