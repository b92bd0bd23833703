"""Influence poisoning: gradient ascent on the held-out loss of a convex model, refitted after every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.convex import Logistic
from agents.attackers.flips import standing_still, worst_flips
from arena.checks import positive, whole
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.moves import Perturbation, Poison
from arena.poisoning.view import PoisonView


@dataclass(frozen=True, eq=False)
class _Linear:
    """The convex model as something with logits."""

    inner: Logistic

    def logits(self, x: Array) -> Array:
        return np.asarray(x, np.float64) @ self.inner.theta[:, :-1].T + self.inner.theta[:, -1]


@dataclass(frozen=True, kw_only=True)
class InfluencePoisoning:
    """Starts from the flips that hurt a logistic model most and moves those rows up its held-out loss, refitting each step.

    After Koh, Steinhardt & Liang, 2018, arXiv:1811.00741. A fifth of the rows known is held out to be the loss; the poison
    with the largest loss of all steps is kept. Steps are of `step` pixels, in the ball that the allowance gives.
    """

    steps: int = 8
    step: float = 0.2
    lam: float = 1e-2

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        positive("step", self.step)
        positive("lam", self.lam)

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The poisoned rows of the largest held-out loss."""
        if still := standing_still(view):
            return still
        ball = view.allowance.may_edit
        if ball is None:
            raise InvalidValue(
                "InfluencePoisoning edits rows, and may_edit is None: give Contamination(may_edit=Ball(…))"
            )
        order = rng.permutation(len(view.train))
        held, base = view.train[order[: len(order) // 5]], order[len(order) // 5 :]
        train = view.train[base]
        x, y = np.asarray(train.x, np.float64).copy(), train.y.copy()
        model = Logistic.fitted(x, y, view.classes, self.lam)
        poison, labels = worst_flips(_Linear(model), train, min(view.limit, len(base)))  # type: ignore[arg-type]  # logits are all it asks
        if view.allowance.may_relabel:
            y[poison] = labels
        best, kept = -np.inf, train.x[poison]
        for step in range(self.steps + 1):
            model = Logistic.fitted(x, y, view.classes, self.lam, model.theta)
            loss = model.loss(held.x, held.y)
            if loss > best:
                best, kept = loss, x[poison].astype(np.float32)
            if step < self.steps:
                g = model.influence(x, y, held.x, held.y, poison)
                moved = (x[poison] + self.step * ball.direction(g)).astype(np.float32)
                x[poison] = ball.project(moved, train.x[poison])
        return Poison(base[poison], kept, y[poison])
