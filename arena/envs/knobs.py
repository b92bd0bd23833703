"""Moves too large for an agent, as five numbers in [-1, 1]: a stretch of training, or an attack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.random import Generator

from arena import roster
from arena.batch import Batch
from arena.engine import Adam, Dense, Dropout, Layer, ReLU, Sequential, SpectralNorm, fit, fitted, mlp
from arena.engine.arrays import Array, Labels
from arena.envs.acting import understood
from arena.moves import Perturbation
from arena.views import DefenderView, GradientView

KNOBS, STEPS = 5, 10


def between(action: float, low: float, high: float) -> float:
    """An action in [-1, 1] as a number in [low, high]."""
    return low + (high - low) * (float(np.clip(action, -1, 1)) + 1) / 2


SPACE = spaces.Box(-1, 1, (KNOBS,), np.float32)


def knobs(action: Any) -> Array:
    """The action as five finite numbers; InvalidValue where it is none."""
    told: Array = understood([action], SPACE, 1)[0]
    return told.astype(np.float32)


@dataclass(frozen=True)
class Recipe:
    """A stretch of training: the attacked rows' share of the radius, the attack's steps, noise, dropout, and κ or none."""

    radius: float
    steps: int
    noise: float
    dropout: float
    kappa: float | None

    @classmethod
    def of(cls, action: Array) -> Recipe:
        """Radius 0 to 1.5 of the ball's, 0 to 10 steps, noise 0 to 1 radius, dropout 0 to 0.5, κ 1 to 4 below an action of 0."""
        radius, steps, noise, dropout, kappa = (float(a) for a in action)
        return cls(
            between(radius, 0, 1.5),
            round(between(steps, 0, STEPS)),
            between(noise, 0, 1),
            between(dropout, 0, 0.5),
            between(2 * kappa + 1, 1, 4) if kappa < 0 else None,
        )

    @property
    def cost(self) -> float:
        """What it costs to train so, in [0, 1]: the attack's steps."""
        return self.steps / STEPS


@dataclass(frozen=True)
class Workshop:
    """Trains one network in stretches, each by a recipe of its own, with the attacker `sparring` names inside the loop."""

    hidden: tuple[int, ...] = (128, 64)
    epochs: int = 4
    sparring: str = "pgd"

    def begun(self, view: DefenderView, rng: Generator) -> Sequential:
        """The network before any training."""
        return mlp((view.train.x.shape[1], *self.hidden, view.classes), rng=rng)

    def trained(self, network: Sequential, recipe: Recipe, view: DefenderView, rng: Generator) -> Sequential:
        """The network after another stretch, on the view's rows and all that it has faced."""
        rows = view.train
        for field in view.faced:
            rows = rows.joined(field)
        partner = roster.build("attackers", self.sparring, steps=max(recipe.steps, 1), stop_fooled=False)
        ball = view.threat.ball
        attacked, noisy = (
            replace(ball, radius=max(share, 1e-6) * ball.radius) for share in (recipe.radius, recipe.noise)
        )

        def change(model: Sequential, x: Array, y: Labels, rng: Generator) -> Array:
            if recipe.noise:
                x = noisy.uniform(x, rng)
            return partner.move(GradientView(Batch(x, y), attacked, model), rng).x if recipe.steps else x

        start = _rebuilt(network, recipe)
        optimiser = Adam(learning_rate=2e-3)
        return fitted(fit(start, rows.x, rows.y, rng=rng, epochs=self.epochs, optimiser=optimiser, change=change))


def _rebuilt(network: Sequential, recipe: Recipe) -> Sequential:
    """The same weights with the recipe's dropout and normalisation around them."""
    layers: list[Layer] = []
    for layer in network.layers:
        dense = layer.dense if isinstance(layer, SpectralNorm) else layer
        if isinstance(dense, Dense):
            layers += [dense if recipe.kappa is None else SpectralNorm(dense, recipe.kappa), ReLU()]
            layers += [Dropout(recipe.dropout)] if recipe.dropout else []
    return Sequential(tuple(layers[: -2 if recipe.dropout else -1]))


def attack(action: Array, view: GradientView, rng: Generator, name: str = "pgd") -> Perturbation:
    """The attack that five knobs describe: 1 to 20 steps, of 0.1 to 3 radii at first, its loss, its start, 1 to 3 restarts."""
    steps, size, loss, start, restarts = (float(a) for a in action)
    player: Any = roster.build(
        "attackers",
        name,
        steps=round(between(steps, 1, 20)),
        step_size=between(size, 0.1, 3) * view.ball.radius,
        loss="margin" if loss >= 0 else "cross-entropy",
        random_start=start >= 0,
        restarts=round(between(restarts, 1, 3)),
    )
    return player.move(view, rng)
