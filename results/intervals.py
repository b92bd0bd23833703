"""Intervals for a share of test points: Wilson's score interval, with two sources of error.

The test points are a sample, and so are the training seeds; the same points are used at every seed, so the outcomes of
a table are not independent. As in Korn and Graubard ("Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 24, 1998) the interval is that of the number of
independent outcomes which would be as uncertain, here in Wilson's form (JASA 22, 1927), not Clopper and Pearson's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated share with its bounds, `0 <= low <= estimate <= high <= 1`."""

    estimate: float
    low: float
    high: float


def wilson(hits: float, trials: float, level: float = 0.95) -> Interval:
    """Wilson's score interval for `hits` successes in `trials` independent trials.

    Raises ValueError unless `0 <= hits <= trials`, `trials > 0` and `0 < level < 1`.
    """
    from scipy.special import ndtri

    if not 0 <= hits <= trials or trials <= 0:
        raise ValueError(f"hits and trials: 0 <= hits <= trials and 0 < trials, not {hits} of {trials}")
    return _score(hits / trials, trials, float(ndtri(_upper(level))))


def crossed(outcomes: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Interval for the mean of outcomes in [0, 1], shape (seeds, points): both sampled, every point met at every seed.

    The variance of the mean is taken as that of the points' means over the number of points plus that of the seeds'
    means over the number of seeds, a little too wide rather than too narrow, with Satterthwaite's degrees of freedom.
    One seed shows nothing of the error between seeds: the interval is then the plain one of its points, with Student's
    quantile. Raises ValueError for another shape, or for values outside [0, 1].
    """
    from scipy.special import stdtrit

    shares = _checked(outcomes)
    seeds, points = shares.shape
    by_point = float(shares.mean(axis=0).var()) / points
    by_seed = float(shares.mean(axis=1).var(ddof=1)) / seeds if seeds > 1 else 0.0
    mean = float(shares.mean())
    size = _effective_size(mean, by_point + by_seed, seeds, points)
    freedom = _satterthwaite((by_point, by_seed), (points - 1, seeds - 1))
    return _score(mean, size, float(stdtrit(freedom, _upper(level))))


def _effective_size(mean: float, variance: float, seeds: int, points: int) -> float:
    """How many independent outcomes would be as uncertain; where nothing varies, a seed's points count once."""
    if mean in (0.0, 1.0):
        return points
    ceiling = float(seeds * points)
    return min(mean * (1 - mean) / variance, ceiling) if variance > 0 else ceiling


def _satterthwaite(variances: tuple[float, float], freedoms: tuple[int, int]) -> float:
    """Degrees of freedom of a sum of two estimated variances; those of the first where both are zero."""
    first, second = (max(freedom, 1) for freedom in freedoms)
    total = sum(variances)
    if total == 0:
        return first
    return 1 / ((variances[0] / total) ** 2 / first + (variances[1] / total) ** 2 / second)


def _score(share: float, size: float, quantile: float) -> Interval:
    """Solve `(share - x)^2 = quantile^2 x (1 - x) / size` for its two roots."""
    pull = quantile**2 / size
    centre = (share + pull / 2) / (1 + pull)
    half = math.sqrt(pull * share * (1 - share) + pull**2 / 4) / (1 + pull)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Interval(share, min(low, share), max(high, share))


def _upper(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level: a share between 0 and 1 such as 0.95, not {level}")
    return (1 + level) / 2


def _checked(outcomes: npt.ArrayLike) -> npt.NDArray[np.float64]:
    shares = np.asarray(outcomes, dtype=np.float64)
    if shares.ndim != 2 or not shares.size:
        raise ValueError(f"outcomes: shape (seeds, points), one or more of each, not {shares.shape}; add a seed axis")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("outcomes: right is 1 and wrong is 0, or a share between; found a value outside [0, 1]")
    return shares
