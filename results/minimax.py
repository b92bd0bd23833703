"""The linear programs behind an equilibrium: a vertex of the set of equilibria, and a point inside that set.

Written for the row player of a matrix M, who maximises and whose mixture p earns `p M`, one entry a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from results.payoff import Matrix

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TIGHT = 1e-9  # of payoffs scaled to a range of one
LARGEST = 1e6  # the inverse of the smallest weight that counts
PRECISE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class NoEquilibriumError(ArithmeticError):
    """The solver found no pair of mixtures that passes the check."""


@dataclass(frozen=True)
class Face:
    """The optimal mixtures of the row player: `{p >= 0 : sum p = 1, p @ equal == 0, p @ above >= 0}` on the rows `used`.

    `inside` satisfies every inequality strictly, so none of them is an equality in disguise. Shapes, for u rows used out of
    m: used (m,) bool, inside (u,), equal (u, columns), above (u, columns).
    """

    used: Mask
    inside: Vector
    equal: Matrix
    above: Matrix


def vertex(M: Matrix) -> tuple[Vector, Vector]:
    """Optimal mixtures of both players: the row player's linear program, and its dual.

    Raises NoEquilibriumError if the solver gives up.
    """
    m, n = M.shape
    solution = _linear_program(
        np.r_[np.zeros(m), -1.0],
        A_ub=np.c_[-M.T, np.ones(n)],
        b_ub=np.zeros(n),
        A_eq=np.r_[np.ones(m), 0.0][None],
        b_eq=np.ones(1),
        bounds=[(0.0, None)] * m + [(None, None)],
    )
    return to_mixture(solution.x[:-1]), to_mixture(-solution.ineqlin.marginals)


def optimal_face(M: Matrix, q: Vector) -> Face:
    """The row player's optimal mixtures, given one optimal mixture q of the opponent.

    They use best responses to q alone and earn the same at each column that q plays, at the others no less. In the cone
    over them a point is sought that has as many rows and as many columns above 1 as possible: those are all that can be
    above 0 at once (Goldman and Tucker, "Theory of linear programming", 1956).
    """
    best = M @ q >= (M @ q).max() - TIGHT
    earns = M[best] - M[best][:, [int(q.argmax())]]
    x, rows, columns = _strictly_inside(earns[:, q > 0], earns[:, q == 0])
    above = earns[:, q == 0]
    used = best.copy()
    used[best] = rows
    equal = np.c_[earns[:, q > 0], above[:, ~columns]]
    return Face(used, to_mixture(x[rows]), equal[rows], above[rows][:, columns])


def to_mixture(weights: Vector) -> Vector:
    """Clip rounding errors below zero and scale to a sum of one."""
    positive = np.clip(weights, 0.0, None)
    return np.asarray(positive / positive.sum())


def _strictly_inside(equal: Matrix, above: Matrix) -> tuple[Vector, Mask, Mask]:
    """Maximise the entries of `min(x, 1)` and `min(x @ above, 1)` over `x >= 0, x @ equal == 0`: x, and which reach 1."""
    m, n = above.shape
    solution = _linear_program(
        np.r_[np.zeros(m), -np.ones(m + n)],
        A_ub=np.block([[-np.eye(m), np.eye(m), np.zeros((m, n))], [-above.T, np.zeros((n, m)), np.eye(n)]]),
        b_ub=np.zeros(m + n),
        A_eq=np.c_[equal.T, np.zeros((equal.shape[1], m + n))],
        b_eq=np.zeros(equal.shape[1]),
        bounds=[(0.0, LARGEST)] * m + [(0.0, 1.0)] * (m + n),
    )
    x, rows, columns = np.split(solution.x, [m, 2 * m])
    return x, rows > 0.5, columns > 0.5


def _linear_program(costs: Vector, **constraints: Any) -> Any:
    from scipy.optimize import linprog

    solution = linprog(costs, **constraints, method="highs", options=PRECISE)
    if not solution.success:
        raise NoEquilibriumError(f"linear program: an optimum exists, but HiGHS says {solution.message!r}; report the matrix")
    return solution
