"""Intervals for what is no share: means of any numbers, differences of two accuracies, rank correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from results.statistics.intervals import Interval, crossed
from results.statistics.variance import variances


def mean(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Student's interval for the mean of numbers of shape (seeds, points), both sampled, as in `crossed`.

    The error over points and that over seeds each get their own quantile, and are added as squares.
    Raises ValueError for another shape or no values.
    """
    from scipy.special import stdtrit

    array = np.asarray(values, np.float64)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"values: shape (seeds, points), one or more of each, not {array.shape}")
    freedoms = (max(array.shape[1] - 1, 1), max(len(array) - 1, 1))
    parts = zip(variances(array, array.mean(axis=1)), freedoms, strict=True)
    half = math.sqrt(sum(v * float(stdtrit(freedom, (1 + level) / 2)) ** 2 for v, freedom in parts))
    centre = float(array.mean())
    return Interval(centre, centre - half, centre + half)


def difference(first: npt.ArrayLike, second: npt.ArrayLike) -> Interval:
    """Interval for mean(first) - mean(second) over the same points: two arrays of shares in [0, 1] (seeds, points).

    Where no point differs the interval is that of as many outcomes as there are points, not of width zero.
    """
    change = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    if np.ptp(change) > 0:
        return mean(change)
    one = crossed((change + 1) / 2)
    return Interval(2 * one.estimate - 1, 2 * one.low - 1, 2 * one.high - 1)


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> Interval:
    """Spearman's correlation of two sequences of n numbers, n > 3, by Fisher's z with variance (1 + r²/2) / (n - 3).

    The variance is that of Bonett and Wright (Psychometrika 65, 2000). Raises ValueError for fewer than four pairs.
    """
    from scipy.stats import spearmanr

    n = len(x)
    if n < 4 or n != len(y):
        raise ValueError(f"x and y: as many of one as of the other, at least 4; got {n} and {len(y)}")
    r = float(spearmanr(x, y).statistic)
    z, half = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), 1.959964 * math.sqrt((1 + r * r / 2) / (n - 3))
    return Interval(r, math.tanh(z - half), math.tanh(z + half))


def exactly(value: float) -> Interval:
    """A number that is computed and not sampled."""
    return Interval(value, value, value)
