"""Elo ratings from a table of wins, and how much of the table they leave unexplained."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from results.game.payoffs import Matrix, Payoff
from results.rankings.fixation import Vector

SMOOTHING = 0.01
PRECISION = 1e-10
ROUNDS = 2000
SCALE = 400.0


def elo(wins: npt.ArrayLike, smoothing: float = SMOOTHING) -> Vector:
    """Rate players by `wins[..., i, j]`, how often i beat j, a draw as half: shape (..., players), the lowest at zero.

    The Bradley-Terry model's likelihood is maximised by minorisation (Hunter, "MM algorithms for generalized
    Bradley-Terry models", Annals of Statistics 32, 2004); `smoothing` is added to the wins of every pair that met, so
    that who never lost stays finite. A difference of 400 means odds of ten to one. Raises ValueError for wins that are not
    square, finite and 0 or more, players who met nobody, and a `smoothing` of 0 where somebody never lost or never won.
    """
    W = np.asarray(wins, dtype=np.float64)
    if W.ndim < 2 or W.shape[-1] != W.shape[-2] or not W.size or not (np.isfinite(W) & (W >= 0)).all():
        raise ValueError(f"wins: finite numbers of 0 or more, shape (..., players, players), not {W.shape}")
    met = (W + np.swapaxes(W, -1, -2)) > 0
    if not met.any(axis=-1).all():
        raise ValueError("wins: every player must have met somebody; leave out who has not")
    if not 0 <= smoothing < np.inf or (not smoothing and not (W.any(axis=-1) & W.any(axis=-2)).all()):
        raise ValueError(f"smoothing: above 0 where somebody never lost or never won, not {smoothing}")
    W = W + smoothing * met
    games, won = W + np.swapaxes(W, -1, -2), W.sum(axis=-1)
    strength = np.full(W.shape[:-1], 1 / W.shape[-1])
    for _ in range(ROUNDS):
        before = strength
        strength = won / (games / (before[..., :, None] + before[..., None, :])).sum(axis=-1)
        strength = strength / strength.sum(axis=-1, keepdims=True)
        if np.abs(strength - before).max() < PRECISION:
            break
    rating = SCALE * np.log10(strength)
    return np.asarray(rating - rating.min(axis=-1, keepdims=True))


def elo_of(payoff: Payoff, matrices: Matrix | None = None) -> tuple[Vector, Vector]:
    """Ratings of attackers (..., attackers) and defenders (..., defenders) on one scale, the lowest of all at zero.

    A test point lost is a win of the attacker, and one kept a win of the defender; `matrices` (..., attackers, defenders)
    stand in for the payoff's own.
    """
    A = payoff.matrix if matrices is None else matrices
    points = 1 if payoff.losses is None else payoff.losses[0, 0].size
    rows, columns = A.shape[-2:]
    wins = np.zeros((*A.shape[:-2], rows + columns, rows + columns))
    wins[..., :rows, rows:], wins[..., rows:, :rows] = points * A, points * np.swapaxes(1 - A, -1, -2)
    rating = elo(wins)
    return rating[..., :rows], rating[..., rows:]


def unexplained(payoff: Payoff) -> float:
    """Share of the payoffs' variance that ratings do not explain: zero for a table of pure strength, near one for cycles.

    NaN where all payoffs are equal.
    """
    attackers, defenders = elo_of(payoff)
    expected = 1 / (1 + 10 ** ((defenders - attackers[:, None]) / SCALE))
    total = float(((payoff.matrix - payoff.matrix.mean()) ** 2).sum())
    return float(((payoff.matrix - expected) ** 2).sum()) / total if total > 0 else np.nan
