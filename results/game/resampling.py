"""The payoff table drawn again: how it would look with other test points and other training seeds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from results.game.payoffs import Matrix, Payoff
from results.statistics.intervals import Interval

DRAWS = 1000
LEVEL = 0.95


def resampled(payoff: Payoff, draws: int = DRAWS, *, seed: int = 0) -> Matrix:
    """Draw payoff matrices as uncertain as the one that was played: shape (draws, attackers, defenders), in [0, 1].

    Points and seeds are drawn for the whole table at once, so that differences between cells stay paired. Points get
    Dirichlet weights (Rubin, "The Bayesian bootstrap", 1981), with half a point lost and half a point kept in every cell
    beside them, so that a cell of one seed errs as Jeffreys' interval says and a share of 0 or 1 is not taken for sure.
    The few seeds get weights whose deviations follow Student's distribution, because drawing three seeds with
    replacement understates what they leave open; one seed shows nothing of it. Raises ValueError without outcomes.
    """
    if payoff.losses is None:
        raise ValueError("losses: a bare matrix has no outcomes to draw from; take the payoff of a results table")
    rng = np.random.default_rng(seed)
    losses = payoff.losses.reshape(payoff.matrix.size, *payoff.losses.shape[2:])
    seeds, points = losses.shape[1:]
    weights = _weights(rng, draws, points)
    by_point = losses.mean(axis=1) @ weights[:, :-2].T + weights[:, -1]
    by_seed = losses.mean(axis=2) @ _deviations(rng, draws, seeds).T
    return np.clip((by_point + by_seed).T, 0.0, 1.0).reshape(draws, *payoff.matrix.shape)


def percentiles(estimate: float, draws: npt.ArrayLike, level: float = LEVEL) -> Interval:
    """The bootstrap's percentile interval for an estimate, widened to hold it: `low <= estimate <= high`."""
    low, high = np.quantile(np.asarray(draws), [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, min(float(low), estimate), max(float(high), estimate))


def _weights(rng: np.random.Generator, draws: int, points: int) -> Matrix:
    """Weights of sum one: shape (draws, points + 2), the last two half as heavy as the others."""
    weights = rng.standard_gamma(np.r_[np.ones(points), 0.5, 0.5], size=(draws, points + 2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _deviations(rng: np.random.Generator, draws: int, seeds: int) -> Matrix:
    """Weights of sum zero, shape (draws, seeds), under which a mean over seeds errs as Student's interval says."""
    if seeds == 1:
        return np.zeros((draws, 1))
    normal = rng.standard_normal((draws, seeds))
    spread = np.sqrt((seeds - 1) / rng.chisquare(seeds - 1, size=(draws, 1)))
    return (normal - normal.mean(axis=1, keepdims=True)) * spread / np.sqrt(seeds * (seeds - 1))
