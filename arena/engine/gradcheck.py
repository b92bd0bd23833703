"""The shipped gradient check: any layer and any loss against central finite differences, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.core import make_vjp
from numpy.random import Generator, default_rng

from arena.engine.arrays import Array, Labels
from arena.engine.layers import Layer
from arena.engine.losses import Loss
from arena.engine.model import Model
from arena.engine.taped import as_loss


def check_gradient(
    f: Callable[[Array], Array], x: Array, gradient: Array, *, h: float = 1e-6, rtol: float = 1e-5, atol: float = 1e-8
) -> None:
    """Compare dL/dx of a scalar f with differences along random directions; AssertionError names the first that is off.

    Differences are taken to both sides and to each: where a ReLU turns within h of x, only the other side tells its slope.
    `atol` is what the rounding of f does to a difference.
    """
    rng, here = default_rng(0), float(f(x))
    for _ in range(5):
        v = rng.standard_normal(x.shape)
        v /= np.linalg.norm(v)
        up, down = float(f(x + h * v)), float(f(x - h * v))
        analytic = float(np.vdot(gradient, v))
        numeric = min(
            ((up - down) / (2 * h), (up - here) / h, (here - down) / h), key=lambda slope: abs(slope - analytic)
        )
        if not abs(numeric - analytic) <= atol + rtol * max(abs(numeric), abs(analytic)):
            raise AssertionError(
                f"gradient along a random direction is {analytic:.9g}; finite differences give {numeric:.9g}"
            )


def check_layer(layer: Layer, features: int, *, rows: int = 4, seed: int = 0) -> None:
    """Check a layer's gradients in its input and in every parameter, with and without training noise."""
    rng = default_rng(seed)
    layer = layer.with_params([p.astype(np.float64) for p in layer.params])
    x = rng.standard_normal((rows, features))
    weights = rng.standard_normal(np.shape(layer.forward(layer.params, x)))
    for noise in (False, True):
        for i, argument in enumerate((x, *layer.params)):
            _check_argument(layer, (x, *layer.params), i, argument, weights, noise)


def _check_argument(
    layer: Layer, given: tuple[Array, ...], i: int, argument: Array, weights: Array, noise: bool
) -> None:
    def value(changed: Array) -> Any:
        arguments = [*given[:i], changed, *given[i + 1 :]]
        z = layer.forward(arguments[1:], arguments[0], default_rng(1) if noise else None)
        return anp.sum(weights * z)

    gradient = make_vjp(value, argument)[0](1.0)
    if gradient.dtype != argument.dtype:
        raise AssertionError(f"the gradient in argument {i} is {gradient.dtype}, not {argument.dtype}")
    check_gradient(value, argument, gradient)


def check_loss(
    loss: Loss | Callable[[Array, Labels], Array], *, classes: int = 5, rows: int = 6, seed: int = 0
) -> None:
    """Check a loss's dL/dlogits, and that each row's value depends on that row alone."""
    rng = default_rng(seed)
    z, y, function = rng.standard_normal((rows, classes)), rng.integers(0, classes, rows), as_loss(loss)
    check_gradient(lambda logits: function.value_and_grad(logits, y)[0].sum(), z, function.value_and_grad(z, y)[1])
    alone = np.concatenate([function.value_and_grad(z[i : i + 1], y[i : i + 1])[0] for i in range(rows)])
    if not np.allclose(alone, function.value_and_grad(z, y)[0], rtol=1e-12):
        raise AssertionError("a loss must give each row a value that depends on that row alone")


def check_model(model: Model, x: Array, *, rng: Generator, h: float = 1e-3, rtol: float = 2e-2) -> None:
    """Check any model's vjp against finite differences of its logits; a cheap alarm for masked gradients."""
    logits, pull = model.vjp(x)
    weights = rng.standard_normal(logits.shape).astype(logits.dtype)
    rounding = 4 * float(np.finfo(x.dtype).eps * np.abs(weights * logits).sum()) / h
    check_gradient(
        lambda z: (weights * model.logits(z.astype(x.dtype))).sum(), x, pull(weights), h=h, rtol=rtol, atol=rounding
    )
