"""How fast the number of samples grows that leaves an equal share of holes: exponentially in the dimension, or as a power."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from arena.engine.arrays import Array, Mask
from results import Criterion, mean

Cell: TypeAlias = tuple[int, int]  # dimension, samples per point


def growth(found: Mapping[Cell, Mask]) -> tuple[Criterion, Criterion]:
    """Does the number of samples that leaves a given share of holes grow, and exponentially; hits (seeds, points) a cell."""
    points = next(iter(found.values())).shape[1]
    exponential, power = ([fitted_shares(one, points, scale) for one in by_seed(found)] for scale in (float, math.log2))
    better = [first[0] - second[0] for first, second in zip(exponential, power, strict=True)]
    return (
        Criterion(
            "samples for an equal share of holes, doublings a dimension",
            mean(np.array([[rate] for _, rate in exponential])),
            above=0.0,
            unit="",
        ),
        Criterion(
            "log-likelihood of growth exponential in the dimension, less of a power of it",
            mean(np.array([[gain] for gain in better])),
            above=0.0,
            unit="",
        ),
    )


def by_seed(found: Mapping[Cell, Mask]) -> list[dict[Cell, float]]:
    """The share of points with a hole, a cell, in each seed."""
    seeds = len(next(iter(found.values())))
    return [{cell: float(hit[s].mean()) for cell, hit in found.items()} for s in range(seeds)]


def fitted_shares(shares: Mapping[Cell, float], points: int, scale: Callable[[int], float]) -> tuple[float, float]:
    """Log-likelihood, and doublings of the samples a unit of `scale(dimension)`, of the logistic model of the shares.

    logit share = a + b scale(dimension) - c log2 samples: the share stays where log2 samples grows by b / c a unit.
    """
    from scipy.optimize import minimize

    rows = np.array([[1.0, scale(d), -math.log2(k)] for d, k in shares])
    share, spread = np.array(list(shares.values())), rows.std(axis=0) + (np.ptp(rows, axis=0) == 0)

    def loss(weights: Array) -> tuple[float, Array]:
        z = rows / spread @ weights
        value = points * (np.logaddexp(0, z) - share * z).sum()
        return float(value), points * (1 / (1 + np.exp(-z)) - share) @ (rows / spread)

    found = minimize(loss, np.zeros(3), jac=True, method="BFGS")
    _, b, c = found.x / spread
    return -float(found.fun), float(b / c)
