"""A paired comparison: whether accuracy really fell from one setting to another, over the same test points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.records.packing import Hits
from results.statistics.variance import Array, variances


@dataclass(frozen=True, slots=True)
class Drop:
    """Accuracies of two settings, and how surely the second is lower.

    Of `points` test points `fell` are right less often in the second setting and `rose` more often; `p` is the
    probability that chance makes so clear a drop where there is none.
    """

    before: float
    after: float
    points: int
    fell: int
    rose: int
    p: float


def paired_drop(before: Hits, after: Hits, *, same: bool, tests: int = 1) -> Drop:
    """Compare outcomes of shape (seeds, points), one-sided; `same` says that both settings met the same networks.

    On the same networks it is the exact sign test over the points that differ, McNemar's for one seed (Psychometrika
    12, 1947); a point's seeds count together. On networks trained anew the seeds must speak for it too, by a t-test of
    the mean difference whose variance has a part of the points and one of the seeds, with one degree of freedom less
    than seeds; p is 1 for one seed, which cannot tell an attack from a training. p is multiplied by the number of
    `tests` of which this is one (Bonferroni).
    """
    change = before.astype(np.float64) - after
    by_point = change.sum(axis=0)
    fell, rose = int((by_point > 0).sum()), int((by_point < 0).sum())
    p = _sign_test(fell, rose) if change.sum() > 0 else 1.0
    p = min(tests * (p if same else max(p, _t_test(change))), 1.0)
    return Drop(float(before.mean()), float(after.mean()), by_point.size, fell, rose, p)


def _sign_test(fell: int, rose: int) -> float:
    """Probability of at least so many of the points that differ, where each is as likely to fall as to rise."""
    from scipy.special import betainc

    return float(betainc(fell, rose + 1, 0.5)) if fell else 1.0


def _t_test(change: Array) -> float:
    from scipy.special import stdtr

    seeds = len(change)
    both = variances(change, change.mean(axis=1))
    if seeds < 2:
        return 1.0
    if not sum(both):
        return float(change.mean() <= 0)
    return float(stdtr(seeds - 1, -change.mean() / sum(both) ** 0.5))
