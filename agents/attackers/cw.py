"""Carlini and Wagner's attack in L2: a margin against a squared length, their balance found by bisection for each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.attackers.smallest import SmallestL2
from arena.checks import positive, whole
from arena.engine import Margin, Objective
from arena.engine.arrays import Array, Labels
from arena.engine.model import hit
from arena.views import GradientView

_GROWTH, _NEAR = 10.0, 0.999999  # of c while it fails; how far from the box's walls the change of variable begins


@dataclass(frozen=True, kw_only=True)
class CW(SmallestL2):
    """Minimises |d|² + c max(0, z_y - max z_k) by Adam in a tanh variable that cannot leave the box (arXiv:1608.04644).

    `searches` values of c a row: ten times more while none succeeds, halfway between failure and success then.
    """

    steps: int = 100
    searches: int = 6
    learning_rate: float = 0.05
    c: float = 0.1

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        whole("searches", self.searches)
        positive("learning_rate", self.learning_rate)
        positive("c", self.c)

    def _search(self, view: GradientView, y: Labels, found: Array, size: Array) -> None:
        center, low, high, c = found.copy(), np.zeros(len(y)), np.full(len(y), np.inf), np.full(len(y), self.c)
        objective = Objective(view.model, Margin())
        objective.at(y)
        for _ in range(self.searches):
            fell = self._descend(objective, view.ball.box, center, y, c, found, size)
            low, high = np.where(fell, low, c), np.where(fell, c, high)
            c = np.where(np.isinf(high), _GROWTH * c, (low + high) / 2)

    def _descend(
        self,
        objective: Objective,
        box: tuple[float, float],
        center: Array,
        y: Labels,
        c: Array,
        found: Array,
        size: Array,
    ) -> Array:
        """One run of Adam from the centre; which rows (n,) were misread on the way."""
        middle, half = np.float32((box[0] + box[1]) / 2), np.float32((box[1] - box[0]) / 2)
        w = np.arctanh(np.clip((center - middle) / half, -_NEAR, _NEAR)).astype(np.float32)
        first, second, fell = np.zeros_like(w), np.zeros_like(w), np.zeros(len(y), bool)
        for step in range(1, self.steps + 1):
            t = np.tanh(w)
            x = middle + half * t
            z, margin, slope = objective(x)
            across, d = ~hit(z, y), x - center
            length = np.sqrt(np.einsum("ij,ij->i", d, d))
            nearer, fell = across & (length < size), fell | across
            found[nearer], size[nearer] = x[nearer], length[nearer]
            pull = (2 * d - np.where(margin < 0, c, 0)[:, None] * slope) * half * (1 - t**2)
            first, second = 0.9 * first + 0.1 * pull, 0.999 * second + 0.001 * pull**2
            size_of_step = self.learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            w = (w - size_of_step * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
        return fell
