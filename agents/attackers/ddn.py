"""Decoupled direction and norm: a minimal L2 perturbation whose length is steered apart from its direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.attackers.smallest import SmallestL2
from arena.checks import positive, whole
from arena.engine import Margin, Objective, cosine
from arena.engine.arrays import Array, Labels
from arena.engine.model import hit
from arena.threat import Ball
from arena.views import GradientView

_LAST = 0.01  # the last step, as a share of the first


@dataclass(frozen=True, kw_only=True)
class DDN(SmallestL2):
    """Follows the gradient on a sphere that shrinks by `gamma` while the row is misread, and grows while it is not.

    Rony et al., 2019, arXiv:1811.09600; as in FMN (arXiv:2102.12827) it climbs the margin, which far from the border still
    points at the nearest class, and `gamma` falls with the step.
    """

    steps: int = 100
    gamma: float = 0.05
    first: float = 1.0

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        positive("gamma", self.gamma)
        positive("first", self.first)

    def _search(self, view: GradientView, y: Labels, found: Array, size: Array) -> None:
        ball, objective = Ball(1.0, "l2", view.ball.box), Objective(view.model, Margin())
        objective.at(y)
        center, x = found.copy(), found.copy()
        norm = np.full((len(y), 1), self.first, np.float32)
        for step in range(self.steps + 1):
            z, _, g = objective(x)
            across, length = ~hit(z, y), ball.size(x - center)
            nearer = across & (length < size)
            found[nearer], size[nearer] = x[nearer], length[nearer]
            pace = np.float32(max(cosine(step / self.steps), _LAST))
            norm *= np.where(across[:, None], 1 - self.gamma * pace, 1 + self.gamma * pace).astype(np.float32)
            d = x - center + pace * ball.direction(np.asarray(g, np.float32))
            x = np.clip(center + norm * ball.direction(d), *ball.box)
