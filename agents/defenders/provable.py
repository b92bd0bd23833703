"""Training for a certificate: interval bounds, or a Lipschitz margin, inside the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
from numpy.random import Generator

from agents.defenders.descent import cross_entropy, descended, taped
from agents.defenders.recipe import Recipe
from arena.checks import positive, share
from arena.engine import Sequential
from arena.engine.arrays import Array, Labels
from arena.engine.parameters import Flat
from arena.engine.singular_values import power_step, top_left_vector
from arena.moves import Deployment
from arena.threat import Ball
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class IntervalTraining(Recipe):
    """Cross-entropy of the worst logits that interval bounds allow (IBP: Gowal et al., 2018, arXiv:1810.12715).

    The radius grows over the first `ramp` of training, and the clean loss keeps the share `clean` in the end.
    """

    epochs: int = 60
    ramp: float = 0.6
    clean: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("ramp", self.ramp)
        share("clean", self.clean)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that interval bounds can certify."""
        ball = view.threat.ball

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            grown = min(1.0, progress / self.ramp)
            kappa = 1 - (1 - self.clean) * grown
            taped(lambda p: _interval_loss(p, x, y, ball, grown * ball.radius, kappa), model, out)

        return Deployment(descended(self, view, rng, gradient))


def _interval_loss(params: list[Any], x: Array, y: Labels, ball: Ball, radius: float, kappa: float) -> Any:
    layers = list(zip(params[::2], params[1::2], strict=True))
    h, (W, b) = x, layers[0]
    middle, half = anp.dot(x, W) + b, np.float32(radius) * _dual(W, ball.norm)
    if ball.norm == "linf":
        low, high = np.maximum(x - radius, ball.box[0]), np.minimum(x + radius, ball.box[1])
        centre, spread = ((low + high) / 2).astype(np.float32), ((high - low) / 2).astype(np.float32)
        middle, half = anp.dot(centre, W) + b, anp.dot(spread, anp.abs(W))
    for V, c in layers[1:]:
        low, high = _relu(middle - half), _relu(middle + half)
        middle, half = anp.dot((low + high) / 2, V) + c, anp.dot((high - low) / 2, anp.abs(V))
    for V, c in layers[:-1]:
        h = _relu(anp.dot(h, V) + c)
    z = anp.dot(h, layers[-1][0]) + layers[-1][1]
    own = np.eye(z.shape[1], dtype=np.float32)[y]
    worst = own * (middle - half) + (1 - own) * (middle + half)
    return kappa * cross_entropy(z, y) + (1 - kappa) * cross_entropy(worst, y)


def _dual(W: Any, norm: str) -> Any:
    return anp.sqrt(anp.sum(W**2, axis=0) + 1e-12) if norm == "l2" else anp.max(anp.abs(W), axis=0)


def _relu(z: Any) -> Any:
    return z * (z > 0)


@dataclass(frozen=True, kw_only=True)
class LipschitzMargin(Recipe):
    """Trains the certified L2 margin itself (GloRo: Leino et al., 2021, arXiv:2102.08452).

    A class "not robust" gets the logit max_k z_k + radius K_yk, with K the pairwise Lipschitz constants; power iteration steers
    the training, and certificates prove their own constants. `reach` is an L2 radius in pixels (the ball's, or its L2 reach).
    """

    epochs: int = 80
    reach: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reach is not None:
            positive("reach", self.reach)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network of large margins for its Lipschitz constant."""
        ball = view.threat.ball
        reach = self.reach or ball.radius * (np.sqrt(view.train.x.shape[1]) if ball.norm == "linf" else 1)
        tops: list[Array] = []

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            hidden = [layer[0] for layer in model.params if layer][:-1]
            if not tops:
                tops.extend(top_left_vector(W) for W in hidden)
            tops[:] = [power_step(W, u) for u, W in zip(tops, hidden, strict=True)]
            grown = np.float32(reach * min(1.0, 2 * progress))
            taped(lambda p: _gloro_loss(p, x, y, tops, grown), model, out)

        return Deployment(descended(self, view, rng, gradient))


def _gloro_loss(params: list[Any], x: Array, y: Labels, tops: list[Array], reach: Any) -> Any:
    h, product = x, np.float32(1)
    for u, W, b in zip(tops, params[:-2:2], params[1:-2:2], strict=True):
        h = _relu(anp.dot(h, W) + b)
        product = product * anp.sqrt(anp.sum(anp.dot(W.T, u) ** 2))
    W, b = params[-2:]
    z = anp.dot(h, W) + b
    apart = anp.expand_dims(W, 2) - anp.expand_dims(W, 1)
    constants = anp.sqrt(anp.sum(apart**2, axis=0) + 1e-12) * product
    other = 1 - np.eye(z.shape[1], dtype=np.float32)[y]
    bottom = anp.max(z + reach * constants[y] - 1e6 * (1 - other), axis=1, keepdims=True)
    return cross_entropy(anp.concatenate([z, bottom], axis=1), y)
