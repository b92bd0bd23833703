"""The linear programs behind an equilibrium: a vertex of the set of equilibria, and a point inside that set.

Written for the row player of a matrix M, who maximises and whose mixture p earns `p M`, one entry a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from results.game.payoffs import Matrix

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TIGHT = 1e-9  # of payoffs scaled to a range of one
RANK = 1e-9  # of the largest singular value
LARGEST = 1e6  # how many times larger than another a weight may be on a face of many equilibria
PRECISE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class NoEquilibriumError(ArithmeticError):
    """The solver found no pair of mixtures that passes the check."""


@dataclass(frozen=True)
class Face:
    """The row player's optimal mixtures: on the rows `used`, all p >= 0 of sum 1 with `p @ equal == 0 <= p @ above`.

    `inside` satisfies every inequality strictly, so none of them is an equality in disguise. Shapes, for u rows used
    out of m: used (m,) bool, inside (u,), equal (u, columns), above (u, columns).
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
    solution = linear_program(
        np.r_[np.zeros(m), -1.0],
        A_ub=np.c_[-M.T, np.ones(n)],
        b_ub=np.zeros(n),
        A_eq=np.r_[np.ones(m), 0.0][None],
        b_eq=np.ones(1),
        bounds=[(0.0, None)] * m + [(None, None)],
    )
    return to_mixture(solution.x[:-1]), to_mixture(-solution.ineqlin.marginals)


def only_mixture(M: Matrix, q: Vector) -> Vector | None:
    """Solve for the row player's optimal mixture if it is the only one, given an optimal q of the opponent; else None.

    It uses best responses to q alone and earns the same at each column that q plays: linear equations, whose solution is
    more precise than the vertex of the linear program.
    """
    best = M @ q >= (M @ q).max() - TIGHT
    earns = M[best] - M[best][:, [int(q.argmax())]]
    equations = np.vstack([earns[:, q > 0].T, np.ones(best.sum())])
    right = np.r_[np.zeros(len(equations) - 1), 1.0]
    solution, _, rank, _ = np.linalg.lstsq(equations, right, rcond=RANK)
    if rank < best.sum():
        return None
    mixture = np.zeros(len(M))
    mixture[best] = solution
    return to_mixture(mixture)


def optimal_face(M: Matrix, q: Vector) -> Face:
    """Describe the row player's optimal mixtures, given one optimal mixture q of the opponent.

    They use best responses to q alone and earn the same at each column that q plays, at the others no less. In the
    cone over them a point is sought that has as many rows and as many columns above 1 as possible: those are all that
    can be above 0 at once (Goldman and Tucker, "Theory of linear programming", 1956).
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
    """Clip rounding errors below zero and scale to a sum of one; raises NoEquilibriumError if nothing is left."""
    positive = np.clip(weights, 0.0, None)
    if not positive.sum() > 0:
        raise NoEquilibriumError("mixture: the weights sum to one, but the solver gave none above 0; report the matrix")
    return np.asarray(positive / positive.sum())


def _strictly_inside(equal: Matrix, above: Matrix) -> tuple[Vector, Mask, Mask]:
    """Maximise `sum min(x, 1) + sum min(x @ above, 1)` over `x >= 0, x @ equal == 0`: x, and which entries reach 1."""
    m, n = above.shape
    solution = linear_program(
        np.r_[np.zeros(m), -np.ones(m + n)],
        A_ub=np.block([[-np.eye(m), np.eye(m), np.zeros((m, n))], [-above.T, np.zeros((n, m)), np.eye(n)]]),
        b_ub=np.zeros(m + n),
        A_eq=np.c_[equal.T, np.zeros((equal.shape[1], m + n))],
        b_eq=np.zeros(equal.shape[1]),
        bounds=[(0.0, LARGEST)] * m + [(0.0, 1.0)] * (m + n),
    )
    x, rows, columns = np.split(solution.x, [m, 2 * m])
    return x, rows > 0.5, columns > 0.5


def linear_program(costs: Vector, **constraints: Any) -> Any:
    """Minimise by HiGHS, with the arguments of scipy's linprog; raises NoEquilibriumError where it finds no optimum."""
    from scipy.optimize import linprog

    solution = cast(Any, linprog)(costs, **constraints, method="highs", options=PRECISE)
    if not solution.success:
        raise NoEquilibriumError(f"linear program: HiGHS finds no optimum ({solution.message}); report the matrix")
    return solution
