"""Feature collision: training rows that a frozen feature extractor cannot tell from the point to be misread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.disguises import Disguise
from arena.batch import Batch
from arena.checks import not_negative, whole
from arena.engine import Sequential
from arena.engine.arrays import Array, Indices
from arena.errors import InvalidValue
from arena.threat import Ball


@dataclass(frozen=True, kw_only=True)
class FeatureCollision(Disguise):
    """Moves rows of the wanted class onto the point in feature space: min |phi(x) - phi(t)|² + beta |x - b|² in the ball.

    Poison Frogs (Shafahi et al., 2018, arXiv:1804.00792) by forward-backward splitting, the rate cut to a fifth where a row's
    objective rises. phi is all of the network but its last layer, so this means something against defenders that keep theirs
    frozen (`frozen-features`); one that learns its features anew forgets it. The rows nearest to the point are moved.
    """

    steps: int = 200
    beta: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("steps", self.steps)
        not_negative("beta", self.beta)

    def crafted(
        self, network: Sequential, train: Batch, aims: Batch, ball: Ball, limit: int, rng: Generator
    ) -> tuple[Indices, Array]:
        """The nearest rows of the wanted classes, moved onto the nearest point."""
        if len(network.layers) < 2:
            raise InvalidValue("FeatureCollision needs a network with features: at least one layer before the last")
        phi = Sequential(network.layers[:-1])
        gaps = np.linalg.norm(phi.logits(train.x)[:, None] - phi.logits(aims.x)[None], axis=2)
        gaps[train.y[:, None] != aims.y] = np.inf
        rows = np.argsort(gaps.min(axis=1), kind="stable")[: min(limit, int(np.isfinite(gaps.min(axis=1)).sum()))]
        return rows, collided(
            phi, train.x[rows], phi.logits(aims.x)[gaps[rows].argmin(axis=1)], ball, self.beta, self.steps
        )


def collided(phi: Sequential, base: Array, aim: Array, ball: Ball, beta: float, steps: int) -> Array:
    """Rows near base (n, d), in the ball, with features near aim (n, k): every step taken lowers its row's objective."""

    def measured(x: Array) -> tuple[Array, Array]:
        features, pull = phi.vjp(x)
        gap = features - aim
        return (gap**2).sum(axis=1) + beta * ((x - base) ** 2).sum(axis=1), pull(2 * gap)

    x, (objective, gradient) = base, measured(base)
    rate = np.full((len(base), 1), 1.0, np.float32)
    for _ in range(steps):
        forward = x - rate * gradient
        tried = ball.project((forward + 2 * rate * beta * base) / (1 + 2 * rate * beta), base)
        value, slope = measured(tried)
        lower = value < objective
        rate[~lower] /= 5
        x, gradient = np.where(lower[:, None], tried, x), np.where(lower[:, None], slope, gradient)
        objective = np.where(lower, value, objective)
    return x
