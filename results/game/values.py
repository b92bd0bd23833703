"""How sure the value of a game is: intervals from the resampled table, and bounds from the cells' own intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.game.minimax import TIGHT, Mask, Vector, vertex
from results.game.payoffs import Matrix, Payoff
from results.game.resampling import DRAWS, LEVEL, percentiles, resampled
from results.statistics.intervals import Interval, crossed_exact

ROUNDING = 1e-12


@dataclass(frozen=True)
class Doubt:
    """95 % intervals for what a payoff table says: the value, the pure values, and what secrecy is worth.

    `secrecy` is min-max less value: what a defender gains by hiding its draw. `duality` is min-max less max-min, zero
    where a pure equilibrium exists, and `pure` the share of the resampled tables in which one does.
    """

    value: Interval
    max_min: Interval
    min_max: Interval
    secrecy: Interval
    duality: Interval
    pure: float


def doubt(payoff: Payoff, draws: int = DRAWS) -> Doubt:
    """Solve the game again on resampled tables; raises ValueError for a payoff without outcomes.

    In simulated tables of three and five seeds the value's intervals held the true value in 92 to 98 % of cases. They are no
    correction for choosing: where several defenders are equally good and each differs by ten points between its seeds, the
    best of the table looks better than it is, and three in four hold it.
    """
    drawn = resampled(payoff, draws)
    played, again = _values(payoff.matrix[None])[:, 0], _values(drawn)
    value, max_min, min_max = (percentiles(float(x), xs) for x, xs in zip(played, again, strict=True))
    secrecy, duality = (percentiles(float(played[2] - played[k]), again[2] - again[k]) for k in (0, 1))
    return Doubt(value, max_min, min_max, secrecy, duality, float((again[2] - again[1] < ROUNDING).mean()))


def bounds(payoff: Payoff, level: float = LEVEL) -> tuple[float, float]:
    """Bounds that hold the true value if every cell's interval holds the true cell, all of them at once.

    The value rises with every payoff, so the matrix of the lower ends has a lower value. The intervals are Clopper and
    Pearson's with Bonferroni's correction: nothing is assumed of how the cells depend on each other.
    """
    cells = cell_intervals(payoff, 1 - (1 - level) / payoff.matrix.size)
    low, high = (np.array([[getattr(cell, end) for cell in row] for row in cells]) for end in ("low", "high"))
    return _value(low), _value(high)


def cell_intervals(payoff: Payoff, level: float = LEVEL) -> list[list[Interval]]:
    """Clopper and Pearson's interval for each cell, over test points and training seeds.

    Raises ValueError for a payoff without outcomes.
    """
    if payoff.losses is None:
        raise ValueError("losses: a bare matrix has no outcomes to judge by; take the payoff of a results table")
    return [[crossed_exact(cell, level) for cell in row] for row in payoff.losses]


def _values(matrices: Matrix) -> Matrix:
    """Value, max-min and min-max of each matrix: shape (3, matrices). Like games share a support, so few are solved anew."""
    max_min, min_max = matrices.min(axis=2).max(axis=1), matrices.max(axis=1).min(axis=1)
    value = np.where(min_max - max_min < ROUNDING, max_min, np.nan)
    while (left := np.flatnonzero(np.isnan(value))).size:
        first, others = left[0], left[1:]
        p, q = vertex(matrices[first])
        value[first] = p @ matrices[first] @ q
        value[others] = _values_on(matrices[others], p > 0, q > 0)
    return np.array([value, max_min, min_max])


def _values_on(matrices: Matrix, rows: Mask, columns: Mask) -> Vector:
    """Values of the games whose equilibrium uses just these rows and columns; NaN for the others."""
    inner = matrices[:, rows][:, :, columns]
    if rows.sum() != columns.sum():
        return np.full(len(matrices), np.nan)
    try:
        p, q = np.zeros(matrices.shape[:2]), np.zeros((len(matrices), matrices.shape[2]))
        p[:, rows], q[:, columns] = _equalising(inner), _equalising(inner.transpose(0, 2, 1))
    except np.linalg.LinAlgError:
        return np.full(len(matrices), np.nan)
    most, least = (matrices @ q[:, :, None])[:, :, 0].max(axis=1), (p[:, None] @ matrices)[:, 0].min(axis=1)
    proven = (most - least < TIGHT) & (p.min(axis=1) >= 0) & (q.min(axis=1) >= 0)
    return np.where(proven, (most + least) / 2, np.nan)


def _equalising(square: Matrix) -> Matrix:
    """The row mixtures, shape (matrices, k), that earn the same at each column of matrices of shape (matrices, k, k)."""
    k = square.shape[1]
    equations = np.ones((len(square), k + 1, k + 1))
    equations[:, :k, :k], equations[:, :k, k], equations[:, k, k] = square.transpose(0, 2, 1), -1.0, 0.0
    right = np.r_[np.zeros(k), 1.0]
    return np.linalg.solve(equations, np.tile(right, (len(square), 1))[:, :, None])[:, :k, 0]


def _value(A: Matrix) -> float:
    return float(_values(A[None])[0, 0])
