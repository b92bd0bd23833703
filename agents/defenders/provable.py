"""Training for a certificate: interval bounds, or a Lipschitz margin, inside the loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.threat import Ball
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class IntervalTraining(Recipe):
    """Cross-entropy of the worst margins that interval bounds allow (IBP: Gowal et al., 2018, arXiv:1810.12715).

    The radius grows over the first `ramp` of training, and the clean loss keeps the share `clean` in the end. With `crown` the
    margins begin as that share of CROWN's, bounded backwards through the intervals, and end as the intervals' own when the
    radius has grown (CROWN-IBP: Zhang et al., 2020, arXiv:1906.06316).
    """

    epochs: int = 60
    ramp: float = 0.6
    clean: float = 0.5
    crown: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("ramp", self.ramp)
        share("clean", self.clean)
        if not 0 <= self.crown <= 1:
            raise InvalidValue(f"crown must be a share in [0, 1]; got {self.crown!r}")

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that interval bounds can certify."""
        ball = view.threat.ball

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            grown = min(1.0, progress / self.ramp)
            kappa, beta = 1 - (1 - self.clean) * grown, self.crown * (1 - grown)
            taped(
                lambda p: _bounded_loss(p, x, y, replace(ball, radius=max(grown, 1e-3) * ball.radius), kappa, beta),
                model,
                out,
            )

        return Deployment(descended(self, view, rng, gradient))


def _bounded_loss(params: list[Any], x: Array, y: Labels, ball: Ball, kappa: float, beta: float) -> Any:
    layers = list(zip(params[::2], params[1::2], strict=True))
    h = x
    for V, c in layers[:-1]:
        h = _relu(anp.dot(h, V) + c)
    clean = cross_entropy(anp.dot(h, layers[-1][0]) + layers[-1][1], y)
    bounds = _interval_bounds(layers, x, ball)
    margins = _interval_margins(layers[-1], bounds, x, y, ball)
    if beta and bounds:
        margins = beta * _crown_margins(layers, bounds, x, y, ball) + (1 - beta) * margins
    return kappa * clean + (1 - kappa) * cross_entropy(-margins, y)


def _interval_bounds(layers: Sequence[tuple[Any, Any]], x: Array, ball: Ball) -> list[tuple[Any, Any]]:
    """Bounds (n, out) on every hidden z."""
    found: list[tuple[Any, Any]] = []
    for W, b in layers[:-1]:
        if not found:
            middle, half = _first(W, b, x, ball)
        else:
            low, high = (_relu(bound) for bound in found[-1])
            middle, half = anp.dot((low + high) / 2, W) + b, anp.dot((high - low) / 2, anp.abs(W))
        found.append((middle - half, middle + half))
    return found


def _first(W: Any, b: Any, x: Array, ball: Ball) -> tuple[Any, Any]:
    """Middle and half width of x W + b over ball ∩ box, for rows' own W (n, in, out) or one for all (in, out)."""
    if ball.norm != "linf":
        half = np.float32(ball.radius) * _dual(W, ball.norm)
        return _rows_times(x, W) + b, half
    low, high = (bound.astype(np.float32) for bound in ball.bounds(x))
    return _rows_times((low + high) / 2, W) + b, _rows_times((high - low) / 2, anp.abs(W))


def _interval_margins(last: tuple[Any, Any], bounds: list[tuple[Any, Any]], x: Array, y: Labels, ball: Ball) -> Any:
    """Lower bounds (n, classes) on z_y - z_k, the labels folded into the last layer."""
    D, c = _folded(last, y)
    if not bounds:
        middle, half = _first(D, c, x, ball)
        return middle - half
    low, high = (_relu(bound) for bound in bounds[-1])
    return _rows_times((low + high) / 2, D) + c - _rows_times((high - low) / 2, anp.abs(D))


def _crown_margins(
    layers: Sequence[tuple[Any, Any]], bounds: list[tuple[Any, Any]], x: Array, y: Labels, ball: Ball
) -> Any:
    """Lower bounds (n, classes) on z_y - z_k, backwards through lines between the interval bounds."""
    A, c = _folded(layers[-1], y)
    for (W, b), (L, U) in zip(reversed(layers[:-1]), reversed(bounds), strict=True):
        on, open_ = (L >= 0).astype(np.float32), ((L < 0) & (U > 0)).astype(np.float32)
        s = on + open_ * U / anp.where(open_ > 0, U - L, 1)
        a = on + open_ * (U > -L)
        up, down = anp.maximum(A, 0), anp.minimum(A, 0)
        c = c - anp.sum(down * anp.expand_dims(open_ * s * L, 2), axis=1)
        A = up * anp.expand_dims(a, 2) + down * anp.expand_dims(s, 2)
        c = c + anp.matmul(b, A)
        A = anp.matmul(W, A)
    middle, half = _first(A, c, x, ball)
    return middle - half


def _folded(last: tuple[Any, Any], y: Labels) -> tuple[Any, Any]:
    """The last layer's (in, classes) as differences of each row's label to every class: (n, in, classes), (n, classes)."""
    W, b = last
    return anp.expand_dims(W.T[y], 2) - anp.expand_dims(W, 0), anp.expand_dims(b[y], 1) - b


def _rows_times(x: Any, W: Any) -> Any:
    return anp.dot(x, W) if W.ndim == 2 else anp.matmul(anp.expand_dims(x, 1), W)[:, 0]


def _dual(W: Any, norm: str) -> Any:
    """The dual norms of W's columns, (…, in, out) to (…, out)."""
    return anp.sqrt(anp.sum(W**2, axis=-2) + 1e-12) if norm == "l2" else anp.max(anp.abs(W), axis=-2)


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
