"""Intervals for a share of test points: Wilson's score interval, with two sources of error.

The test points are a sample, and so are the training seeds; the same points are used at every seed, so the outcomes of
a table are not independent. As in Korn and Graubard ("Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 24, 1998) the interval is that of the number of
independent outcomes which would be as uncertain: in Wilson's form (JASA 22, 1927) where the interval is read beside a
number, in Clopper and Pearson's (Biometrika 26, 1934), which they use, where its coverage must not fall short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from results.records.packing import Counts
from results.statistics.variance import Array, satterthwaite, variances


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bounds, `low <= estimate <= high`; of a share, all three in [0, 1]."""

    estimate: float
    low: float
    high: float


def wilson(hits: float, trials: float, level: float = 0.95) -> Interval:
    """Wilson's score interval for `hits` successes in `trials` independent trials.

    Raises ValueError unless `0 <= hits <= trials`, `trials > 0` and `0 < level < 1`.
    """
    from scipy.special import ndtri

    _check_trials(hits, trials)
    return _score(hits / trials, trials, float(ndtri(_upper(level))))


def clopper_pearson(hits: float, trials: float, level: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval for `hits` successes in `trials` independent trials.

    Raises ValueError unless `0 <= hits <= trials`, `trials > 0` and `0 < level < 1`.
    """
    from scipy.special import betaincinv

    _check_trials(hits, trials)
    upper = _upper(level)
    low = float(betaincinv(hits, trials - hits + 1, 1 - upper)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, trials - hits, upper)) if hits < trials else 1.0
    return Interval(hits / trials, low, high)


def crossed_exact(outcomes: npt.ArrayLike, level: float = 0.95) -> Interval:
    """As `crossed`, in Clopper and Pearson's form, which it equals for the points of one seed; wider than Wilson's.

    The number of outcomes is corrected for the degrees of freedom as Korn and Graubard do.
    """
    from scipy.special import stdtrit

    shares = _checked(outcomes)
    mean, points, by_seed = float(shares.mean()), shares.shape[1], shares.mean(axis=1)
    both = variances(shares, by_seed)
    size = _effective_size(mean, sum(both), np.full(len(shares), points))
    freedoms = (points - 1, satterthwaite(both, (points - 1, len(shares) - 1)))
    plain, known = (float(stdtrit(max(freedom, 1), _upper(level))) for freedom in freedoms)
    size *= (plain / known) ** 2
    return clopper_pearson(mean * size, size, level)


def crossed(outcomes: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Interval for the mean of outcomes in [0, 1], shape (seeds, points): both sampled, every point met at every seed.

    The variance of the mean is taken as that of the points' means over the number of points plus that of the seeds'
    means over the number of seeds, a little too wide rather than too narrow, with Satterthwaite's degrees of freedom.
    One seed shows nothing of the error between seeds: the interval is then the plain one of its points, with Student's
    quantile. Raises ValueError for another shape, or for values outside [0, 1].
    """
    shares = _checked(outcomes)
    return _two_way(float(shares.mean()), shares, shares.mean(axis=1), np.full(len(shares), shares.shape[1]), level)


def crossed_among(outcomes: npt.ArrayLike, among: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Interval for the mean over seeds of the share among chosen points: both of shape (seeds, points), `among` boolean.

    As `crossed`, which it equals where all points are chosen, by linearisation of each seed's ratio (Woodruff, JASA 66,
    1971). Seeds at which no point is chosen are left out. Raises ValueError as `crossed` does, and for no points.
    """
    shares, chosen = _checked(outcomes), np.asarray(among)
    if chosen.shape != shares.shape or chosen.dtype != np.bool_ or not chosen.any():
        raise ValueError(
            f"among: booleans of shape {shares.shape}, one or more true, not {chosen.dtype} {chosen.shape}"
        )
    some = chosen.any(axis=1)
    shares, chosen = shares[some], chosen[some]
    counts = chosen.sum(axis=1)
    rates = (shares * chosen).sum(axis=1) / counts
    parts = chosen * (shares - rates[:, None]) * (shares.shape[1] / counts)[:, None]
    return _two_way(float(rates.mean()), parts, rates, counts, level)


def _two_way(mean: float, parts: Array, rates: Array, counts: Counts, level: float) -> Interval:
    """Wilson's interval for a mean with the two variances of its parts; `counts` points were met at each seed."""
    from scipy.special import stdtrit

    both = variances(parts, rates)
    size = _effective_size(mean, sum(both), counts)
    freedom = satterthwaite(both, (float(counts.mean()) - 1, len(rates) - 1))
    return _score(mean, size, float(stdtrit(freedom, _upper(level))))


def _effective_size(mean: float, variance: float, counts: Counts) -> float:
    """How many independent outcomes would be as uncertain; where nothing varies, a seed's points count once."""
    if mean in (0.0, 1.0):
        return float(counts.mean())
    ceiling = float(counts.sum())
    return min(mean * (1 - mean) / variance, ceiling) if variance > 0 else ceiling


def _score(share: float, size: float, quantile: float) -> Interval:
    """Solve `(share - x)^2 = quantile^2 x (1 - x) / size` for its two roots."""
    pull = quantile**2 / size
    centre = (share + pull / 2) / (1 + pull)
    half = math.sqrt(pull * share * (1 - share) + pull**2 / 4) / (1 + pull)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    return Interval(share, min(low, share), max(high, share))


def _check_trials(hits: float, trials: float) -> None:
    if not 0 <= hits <= trials or not 0 < trials < math.inf:
        raise ValueError(f"hits and trials: 0 <= hits <= trials and 0 < trials, not {hits} of {trials}")


def _upper(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level: a share between 0 and 1 such as 0.95, not {level}")
    return (1 + level) / 2


def _checked(outcomes: npt.ArrayLike) -> Array:
    shares = np.asarray(outcomes, dtype=np.float64)
    if shares.ndim != 2 or not shares.size:
        raise ValueError(f"outcomes: shape (seeds, points), one or more of each, not {shares.shape}; add a seed axis")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("outcomes: right is 1 and wrong is 0, or a share between; found a value outside [0, 1]")
    return shares
