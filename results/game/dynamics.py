"""Learning in a zero-sum game, round by round: who settles, who cycles, and how fast the averages get there.

Rows are attackers and maximise, columns are defenders and minimise. All rules are deterministic: ties go to the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from results.game.equilibrium import checked
from results.game.minimax import Vector
from results.game.payoffs import Matrix, Payoff

ROUNDS = 1000
STEP = 0.1  # of time, in units of one over the payoffs' range


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What both sides played in each round and on average so far, and the gap of both.

    `attacker` and `average_attacker` have shape (rounds, attackers), those of the defender (rounds, defenders). The gaps
    (rounds,) are what the two sides could gain by deviating, `max(A q) - min(p A)`: zero at an equilibrium only.
    """

    attacker: Matrix
    defender: Matrix
    average_attacker: Matrix
    average_defender: Matrix
    gap: Vector
    average_gap: Vector


def best_response(payoff: Payoff | npt.ArrayLike, rounds: int = ROUNDS) -> Trajectory:
    """Alternate: the attacker answers the defender's last strategy, then the defender answers that; the first begins."""
    A = checked(payoff)
    p, q = np.zeros((rounds, len(A))), np.zeros((rounds, A.shape[1]))
    j = 0
    for t in range(rounds):
        i = int(A[:, j].argmax())
        j = int(A[i].argmin())
        p[t, i] = q[t, j] = 1.0
    return _trajectory(A, p, q, np.ones(rounds))


def fictitious_play(payoff: Payoff | npt.ArrayLike, rounds: int = ROUNDS) -> Trajectory:
    """Answer the average of what the opponent has played so far, both at once (Brown 1951; Robinson 1951)."""
    A = checked(payoff)
    p, q = np.zeros((rounds, len(A))), np.zeros((rounds, A.shape[1]))
    against_rows, against_columns = A[:, 0].copy(), A[0].copy()  # sums over the opponent's plays; the first is given
    for t in range(rounds):
        i, j = int(against_rows.argmax()), int(against_columns.argmin())
        p[t, i] = q[t, j] = 1.0
        against_rows, against_columns = against_rows + A[:, j], against_columns + A[i]
    return _trajectory(A, p, q, np.ones(rounds))


def regret_matching(payoff: Payoff | npt.ArrayLike, rounds: int = ROUNDS) -> Trajectory:
    """Play in proportion to regrets kept above zero, in turns, later rounds weighing more in the average.

    Regret matching+ (Tammelin, "Solving large imperfect information games using CFR+", 2014).
    """
    A = checked(payoff)
    p, q = np.zeros((rounds, len(A))), np.zeros((rounds, A.shape[1]))
    row_regret, column_regret = np.zeros(len(A)), np.zeros(A.shape[1])
    column = _matching(column_regret)
    for t in range(rounds):
        row = _matching(row_regret)
        earned = A @ column
        row_regret = np.maximum(row_regret + earned - row @ earned, 0.0)
        p[t], q[t] = row, column
        lost = _matching(row_regret) @ A
        column_regret = np.maximum(column_regret + column @ lost - lost, 0.0)
        column = _matching(column_regret)
    return _trajectory(A, p, q, np.arange(1.0, rounds + 1))


def replicator(payoff: Payoff | npt.ArrayLike, rounds: int = ROUNDS) -> Trajectory:
    """Grow each share by its advantage over the mean, `p' = p (A q - p A q)`, and the defender's by its own.

    Integrated in the logarithms of the shares, where the equations are `x' = A q, y' = -p A`, by Runge and Kutta's rule of
    fourth order. Starts at weights 1 : 2 : 3 and so on, for at equal ones many games rest.
    """
    A = checked(payoff)
    step = STEP / (np.ptp(A) or 1.0)
    x, y = np.log(np.arange(1.0, len(A) + 1)), np.log(np.arange(1.0, A.shape[1] + 1))
    p, q = np.zeros((rounds, len(A))), np.zeros((rounds, A.shape[1]))
    for t in range(rounds):
        p[t], q[t] = _softmax(x), _softmax(y)
        x, y = _runge_kutta(A, x, y, step)
    return _trajectory(A, p, q, np.ones(rounds))


DYNAMICS: dict[str, Callable[[Payoff | npt.ArrayLike, int], Trajectory]] = {
    "alternating best response": best_response,
    "fictitious play": fictitious_play,
    "regret matching+": regret_matching,
    "replicator": replicator,
}


def _trajectory(A: Matrix, p: Matrix, q: Matrix, weights: Vector) -> Trajectory:
    total = weights.cumsum()[:, None]
    mean_p, mean_q = (weights[:, None] * p).cumsum(axis=0) / total, (weights[:, None] * q).cumsum(axis=0) / total
    return Trajectory(p, q, mean_p, mean_q, _gaps(A, p, q), _gaps(A, mean_p, mean_q))


def _gaps(A: Matrix, p: Matrix, q: Matrix) -> Vector:
    return np.asarray((q @ A.T).max(axis=1) - (p @ A).min(axis=1))


def _matching(regret: Vector) -> Vector:
    total = regret.sum()
    return regret / total if total > 0 else np.full(len(regret), 1 / len(regret))


def _runge_kutta(A: Matrix, x: Vector, y: Vector, step: float) -> tuple[Vector, Vector]:
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    ux, uy = x, y
    for weight, ahead in ((1, 0.5), (2, 0.5), (2, 1.0), (1, 0.0)):
        slope_x, slope_y = A @ _softmax(uy), -(_softmax(ux) @ A)
        dx, dy = dx + weight * slope_x, dy + weight * slope_y
        ux, uy = x + ahead * step * slope_x, y + ahead * step * slope_y
    x, y = x + step / 6 * dx, y + step / 6 * dy
    return x - x.max(), y - y.max()


def _softmax(x: Vector) -> Vector:
    weights = np.exp(x - x.max())
    return np.asarray(weights / weights.sum())
