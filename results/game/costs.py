"""Games that are not zero-sum: both sides pay for what they do, and a correlated equilibrium is found all the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from results.game.equilibrium import checked
from results.game.minimax import NoEquilibriumError, linear_program
from results.game.payoffs import Matrix, Payoff

TOLERANCE = 1e-8  # of the range of the payoffs


@dataclass(frozen=True, eq=False)
class Bimatrix:
    """Payoffs of both sides, each of shape (attackers, defenders); both maximise their own."""

    attacker: Matrix
    defender: Matrix
    attackers: tuple[str, ...] = ()
    defenders: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Correlated:
    """A joint distribution (attackers, defenders) from which nobody gains by disobeying what is drawn for it.

    `gap` is the most that one side could gain by answering one draw of its own with another strategy, weighted by how
    often it is drawn.
    """

    joint: Matrix
    attacker_value: float
    defender_value: float
    gap: float


def charged(payoff: Payoff, *, attacker_costs: npt.ArrayLike = 0.0, defender_costs: npt.ArrayLike = 0.0) -> Bimatrix:
    """Let both sides pay in the payoff's unit, shares of test points: for perturbation, queries, training time.

    `attacker_costs` has shape (attackers,) or (attackers, defenders), `defender_costs` (defenders,) or (attackers,
    defenders). Raises ValueError for another shape, or costs that are not finite.
    """
    A = checked(payoff)
    costs = []
    for name, given in (("attacker_costs", attacker_costs), ("defender_costs", defender_costs)):
        cost = np.asarray(given, dtype=np.float64)
        if name == "attacker_costs" and cost.ndim == 1:
            cost = cost[:, None]
        if not np.isfinite(cost).all() or not _spreads(cost.shape, A.shape):
            raise ValueError(f"{name}: finite and of a shape that spreads to {A.shape}, not {cost.shape}")
        costs.append(cost)
    return Bimatrix(A - costs[0], -A - costs[1], payoff.attackers, payoff.defenders)


def _spreads(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    return len(shape) <= 2 and all(size in (1, full) for size, full in zip(shape[::-1], whole[::-1], strict=False))


def correlated(game: Bimatrix) -> Correlated:
    """Find the correlated equilibrium of the largest sum of payoffs, by one linear program (Aumann, 1974).

    One always exists. Where each side's cost depends on its own strategy alone, the game has the best replies of a
    zero-sum one, and the joint distribution's sums over each side are a Nash equilibrium. Raises ValueError for payoffs
    that are not finite or of different shapes, and NoEquilibriumError where the answer does not pass the check.
    """
    A, B = checked(game.attacker), checked(game.defender)
    if A.shape != B.shape:
        raise ValueError(f"payoffs: both of one shape, not {A.shape} and {B.shape}")
    scale = max(np.ptp(A), np.ptp(B)) or 1.0
    theirs = _disobeying(B.T).reshape(-1, *B.T.shape).transpose(0, 2, 1)
    rules = np.vstack([_disobeying(A), theirs.reshape(-1, B.size)])
    solution = linear_program(
        -(A + B).ravel() / scale,
        A_ub=rules / scale,
        b_ub=np.zeros(len(rules)),
        A_eq=np.ones((1, A.size)),
        b_eq=np.ones(1),
        bounds=[(0.0, None)] * A.size,
    )
    joint = np.clip(solution.x, 0.0, None)
    joint = joint / joint.sum()
    gap = max(float((rules @ joint).max(initial=0.0)), 0.0)
    if not gap <= TOLERANCE * scale:
        raise NoEquilibriumError(
            f"gap: at most {TOLERANCE} of the payoffs' range, not {gap / scale:.1e}; report the game"
        )
    return Correlated(joint.reshape(A.shape), float((joint * A.ravel()).sum()), float((joint * B.ravel()).sum()), gap)


def _disobeying(A: Matrix) -> Matrix:
    """What the row player gains by playing k where i is drawn: one line a pair i != k, one column a cell."""
    m, n = A.shape
    gains = np.zeros((m, m, m, n))
    for i in range(m):
        gains[i, :, i] = A - A[i]
    return gains[~np.eye(m, dtype=bool)].reshape(-1, m * n)
