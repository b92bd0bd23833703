"""Defences by adding rows: random noise in every batch, or adversarial examples once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from agents.attackers.pgd import PGD
from agents.defenders.recipe import Recipe, seen
from agents.defenders.sparring import Sparring, sparring_partner
from arena.batch import Batch
from arena.checks import one_of, positive
from arena.engine import Sequential
from arena.engine.arrays import Array, Labels
from arena.moves import Deployment
from arena.views import DefenderView, GradientView


@dataclass(frozen=True, kw_only=True)
class NoiseAugmentation(Recipe):
    """Fresh noise in every batch: uniform in the ball, or Gaussian with standard deviation `scale` pixels (the radius)."""

    kind: Literal["uniform", "gaussian"] = "uniform"
    scale: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("kind", self.kind, ("uniform", "gaussian"))
        if self.scale is not None:
            positive("scale", self.scale)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained on noisy rows."""
        ball = view.threat.ball

        def noisy(model: Sequential, x: Array, y: Labels, rng: Generator) -> Array:
            if self.kind == "uniform" and self.scale is None:
                return ball.uniform(x, rng)
            scale = np.float32(self.scale or ball.radius)
            gaussian = self.kind == "gaussian"
            draw = (
                rng.standard_normal(x.shape, dtype=np.float32)
                if gaussian
                else 2 * rng.random(x.shape, dtype=np.float32) - 1
            )
            return np.clip(x + scale * draw, *ball.box).astype(np.float32)

        return Deployment(self.trained(view, rng, change=noisy))


@dataclass(frozen=True, kw_only=True)
class AdversarialAugmentation(Recipe):
    """Trains, attacks the result once, adds those examples under their true labels and trains anew (Szegedy et al., 2014)."""

    sparring: Sparring = PGD(stop_fooled=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "sparring", sparring_partner(self.sparring))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained on clean rows and on the attack of a network that is no more."""
        rows = seen(view)
        first = self.trained(view, rng)
        answer = sparring_partner(self.sparring).move(GradientView(rows, view.threat.ball, first), rng)
        return Deployment(self.trained(view, rng, train=rows.joined(Batch(answer.x, rows.y))))
