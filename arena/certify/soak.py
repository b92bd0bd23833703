"""A soak of the certificates: random networks, certified points, and attacks inside the certified balls; not one may succeed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator, default_rng

from arena.ball import Ball, Norm
from arena.certify.proofs import METHODS, Method, certify
from arena.engine import Dense, Layer, Margin, ReLU, Sequential
from arena.engine.arrays import Array, Labels, Mask

_NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")
_SCALE = {"linf": 0.1, "l2": 0.3, "l1": 0.8}
_ROWS, _STEPS, _TRIES = 400, 15, 5
_ENOUGH, _EASY = 0.2, 0.9  # the share certified at a radius that is neither hopeless nor too small to be a test


@dataclass(frozen=True)
class Soaked:
    """One round: which method, in which norm, how many points were `certified`, how many of those `fell`."""

    method: Method
    norm: Norm
    certified: int
    fell: int


def soak_round(seed: int, number: int) -> Soaked:
    """One random network, norm and method, at a radius that certifies some rows: those rows are attacked inside it."""
    rng = default_rng([seed, number])
    model = random_network(rng)
    x = rng.random((_ROWS, model.features), dtype=np.float32)
    y = model.logits(x).argmax(axis=1)
    method, norm = METHODS[int(rng.integers(len(METHODS)))], _NORMS[int(rng.integers(3))]
    ball, kept = _telling(model, x, y, method, Ball(float(_SCALE[norm] * rng.exponential()) + 1e-4, norm))
    fell = fallen(model, x[kept], y[kept], ball, rng) if kept.any() else np.zeros(0, bool)
    return Soaked(method, norm, int(kept.sum()), int(fell.sum()))


def random_network(rng: Generator) -> Sequential:
    """Two to four dense layers of random widths and scales, now and then two with nothing between them."""
    sizes = (int(rng.integers(2, 30)), *rng.integers(2, 40, int(rng.integers(1, 4))).tolist(), int(rng.integers(2, 8)))
    layers: list[Layer] = []
    for fan_in, fan_out in pairwise(sizes):
        W = rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in) * rng.choice([0.1, 1.0, 1.0, 10.0])
        layers.append(Dense.of(W.astype(np.float32), (0.3 * rng.standard_normal(fan_out)).astype(np.float32)))
        if rng.random() < 0.9:
            layers.append(ReLU())
    return Sequential(tuple(layers[:-1] if isinstance(layers[-1], ReLU) else layers))


def _telling(model: Sequential, x: Array, y: Labels, method: Method, ball: Ball) -> tuple[Ball, Mask]:
    """The ball, halved or doubled until some rows are certified and some are not, and which are."""
    quick: Method = "crown" if method == "alpha-crown" else method
    for _ in range(_TRIES):
        kept = certify(model, x, y, ball, method=quick).certified
        if _ENOUGH <= kept.mean() <= _EASY:
            break
        ball = Ball(ball.radius * (0.5 if kept.mean() < _ENOUGH else 2.0), ball.norm)
    return ball, certify(model, x, y, ball, method=method).certified


def fallen(model: Sequential, x: Array, y: Labels, ball: Ball, rng: Generator) -> Mask:
    """Which rows (n,) are misread at some point of an ascent, or at the farthest points along its gradients."""
    fooled, point = np.zeros(len(x), bool), ball.uniform(x, rng)
    for step in range(_STEPS):
        z, pull = model.vjp(point)
        fooled |= z.argmax(axis=1) != y
        far = ball.farthest(np.asarray(pull(Margin().value_and_grad(z, y)[1]), np.float32), x)
        fooled |= model.logits(far).argmax(axis=1) != y
        point = ball.project(point + np.float32(2 / (step + 2)) * (far - point), x)
    return fooled
