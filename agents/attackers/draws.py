"""A randomised target as an attacker sees it: the networks that may answer, and how many of them a point fools."""

from __future__ import annotations

import numpy as np

from agents.attackers.walks import walk
from arena.batch import Batch
from arena.engine import CrossEntropy, Objective, cosine, drawn_from
from arena.engine.arrays import Array, Mask
from arena.engine.model import hit, logits_of
from arena.views import GradientView


class Draws:
    """The models that may answer about a field, heaviest first, with their probabilities; one model is its only draw."""

    def __init__(self, view: GradientView) -> None:
        self.view, self.field = view, view.field
        pairs = sorted(drawn_from(view.model), key=lambda pair: -pair[1])
        self.models, self.weights = [model for model, _ in pairs], np.array([weight for _, weight in pairs])

    def fooled(self, x: Array, field: Batch | None = None) -> Mask:
        """Which draws misread which rows, (draws, n)."""
        y = (field or self.field).y
        return np.stack([~hit(logits_of(model, x), y) for model in self.models])

    def lost(self, x: Array, field: Batch | None = None) -> Array:
        """The expected 0-1 loss (n,): the probability that each row is misread."""
        return self.weights @ self.fooled(x, field)


def expected_loss_ascent(draws: Draws, start: Array, steps: int) -> Array:
    """Steps along the gradient of the expected cross-entropy; each row's point of the greatest loss."""
    field, ball = draws.field, draws.view.ball
    objectives = [Objective(model, CrossEntropy()) for model in draws.models]
    for objective in objectives:
        objective.at(field.y)
    pace = walk(ball, field.x, [2 * ball.radius * cosine(t / steps) for t in range(steps)])
    x, best, top = start.copy(), start.copy(), np.full(len(field), -np.inf)
    for step in range(pace.steps + 1):
        g, value = np.zeros_like(x), np.zeros(len(field))
        for objective, weight in zip(objectives, draws.weights, strict=True):
            _, loss, slope = objective(x)
            value += weight * loss
            g += np.float32(weight) * slope
        better = value > top
        best[better], top[better] = x[better], value[better]
        if step < pace.steps:
            pace.step(step, x, g, out=x)
    return best
