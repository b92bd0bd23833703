"""Lipschitz constants computed in two ways: sigma = sqrt(lambda_max(W^T W)), products, sin, x², and W / 2 sigma."""

from __future__ import annotations

import math

import numpy as np

from arena.engine import Dense, Sequential
from arena.engine.arrays import Array
from results import Criterion, exactly


def rules(net: Sequential, x: Array) -> tuple[Criterion, ...]:
    """The arithmetic, on the layers of a network and on its slopes at rows x."""
    layers = [layer for layer in net.layers if isinstance(layer, Dense)]
    errors = [abs(layer.lipschitz() / root_of_gram(layer.W) - 1) for layer in layers]
    grid = np.linspace(-10, 10, 4001)
    first = layers[0].W
    half = stretch(first / (2 * layers[0].lipschitz()))
    wide, narrow = (slope(np.square, grid * scale) for scale in (10, 1))
    product = float(np.prod([layer.lipschitz() for layer in layers]))
    return (
        Criterion(
            "checked: sigma against the root of WᵀW's largest eigenvalue", exactly(max(errors)), below=1e-6, unit=""
        ),
        Criterion(
            "checked: composition's slope / product of constants",
            exactly(composed(net, x) / product),
            below=1.0,
            unit="",
        ),
        Criterion(
            "checked: steepest slope of sin, less 1", exactly(slope(np.sin, grid) - 1), above=-1e-3, below=1e-9, unit=""
        ),
        Criterion(
            "checked: steepest slope of x², tenfold interval / interval", exactly(wide / narrow), above=9.9, unit=""
        ),
        Criterion("checked: stretch of W / (2 sigma)", exactly(half), above=0.4999, below=0.5001, unit=""),
    )


def root_of_gram(W: Array) -> float:
    """The root of the largest eigenvalue of WᵀW, by another algorithm than the singular values."""
    wide = W.astype(np.float64)
    return math.sqrt(float(np.linalg.eigvalsh(wide.T @ wide)[-1]))


def composed(net: Sequential, x: Array) -> float:
    """The largest singular value of the whole network's Jacobian at rows x: a lower bound on its constant."""
    _, pull = net.vjp(x)
    rows = np.stack(
        [pull(np.tile(np.eye(net.classes, dtype=x.dtype)[k], (len(x), 1))) for k in range(net.classes)], axis=1
    )
    return float(np.linalg.norm(rows.astype(np.float64), 2, axis=(1, 2)).max())


def stretch(W: Array) -> float:
    """How much a map stretches its most stretched vector, by 1,000 power iterations."""
    wide = W.astype(np.float64)
    v = np.ones(wide.shape[1])
    for _ in range(1000):
        v = wide.T @ (wide @ v)
        v /= np.linalg.norm(v)
    return float(np.linalg.norm(wide @ v))


def slope(f: np.ufunc, x: Array) -> float:
    """The steepest difference quotient of neighbours."""
    return float(np.abs(np.diff(f(x)) / np.diff(x)).max())
