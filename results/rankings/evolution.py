"""Alpha-rank: how long evolving populations of attackers and defenders stay at each strategy.

Omidshafiei et al., "α-Rank: Multi-Agent Evaluation by Evolution", Scientific Reports 9, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from results.game.equilibrium import checked
from results.game.payoffs import Matrix
from results.rankings.fixation import Vector, closed_classes, fixation, stationary

POPULATION = 50
RARE = 1e-6  # of all moves between two profiles, the share that goes to the worse one where selection is infinite
Profiles = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class AlphaRank:
    """Shares of time: `profiles[i, j]` for the pair, summing to one, and its sums over the other side."""

    profiles: Matrix

    @property
    def attackers(self) -> Vector:
        """Share of time at each attacker."""
        return np.asarray(self.profiles.sum(axis=1))

    @property
    def defenders(self) -> Vector:
        """Share of time at each defender."""
        return np.asarray(self.profiles.sum(axis=0))


def alpha_rank(
    attacker: npt.ArrayLike,
    defender: npt.ArrayLike | None = None,
    *,
    alpha: float | None = None,
    population: int = POPULATION,
) -> AlphaRank:
    """Rank two populations by their payoffs of shape (attackers, defenders); the defenders' is `-attacker` unless given.

    A profile moves to another that differs for one side with the mutant's fixation probability at selection intensity
    `alpha`, which depends on the payoffs' unit; without it selection is infinite and only who gains counts, with one move
    in a million against the gain. Raises ValueError for payoffs that are no finite matrices of one shape, a population
    below 2 or an alpha that is not above 0, and where in floating point the chain ends in several places: lower alpha, or
    see `sinks`.
    """
    A, B = _both(attacker, defender)
    _check_selection(alpha, population)
    rows, columns = A.shape
    rate = 1 / max(rows + columns - 2, 1)
    steps = np.zeros((rows, columns, rows, columns))
    every_row, every_column = np.arange(rows), np.arange(columns)
    for j in every_column:
        steps[every_row[:, None], j, every_row, j] = _chance(A[None, :, j] - A[:, None, j], alpha, population)
    for i in every_row:
        steps[i, every_column[:, None], i, every_column] = _chance(B[i, None, :] - B[i, :, None], alpha, population)
    return AlphaRank(stationary(rate * steps.reshape(A.size, A.size)).reshape(A.shape))


def alpha_rank_symmetric(payoffs: npt.ArrayLike, *, alpha: float, population: int = POPULATION) -> Vector:
    """Shares of time of one population that plays a symmetric game with itself; payoffs (strategies, strategies).

    Fixation is that of the whole population's mixed encounters, not of the pair's two payoffs alone (Fudenberg and
    Imhof, "Imitation processes with small mutations", Journal of Economic Theory 131, 2006).
    """
    A = checked(payoffs)
    _check_selection(alpha, population)
    if A.shape != A.T.shape or len(A) < 2:
        raise ValueError(f"payoffs: a square matrix of two strategies or more, not {A.shape}")
    n, m = len(A), population
    mutants = np.arange(1, m)[:, None, None]
    own, other = np.diag(A), A.T  # [s, r]: a mutant r among residents s
    mutant = ((mutants - 1) * own[None, None, :] + (m - mutants) * other[None]) / (m - 1)
    resident = (mutants * A[None] + (m - mutants - 1) * own[None, :, None]) / (m - 1)
    odds = np.cumsum(-alpha * (mutant - resident), axis=0)
    with np.errstate(over="ignore"):
        chance = 1 / (1 + np.exp(odds).sum(axis=0))
    return stationary(chance / (n - 1))


def sinks(attacker: npt.ArrayLike, defender: npt.ArrayLike | None = None) -> list[Profiles]:
    """Find the sets of profiles that better replies reach and never leave, as lists of (row, column) in order.

    They are what alpha-rank tends to when selection grows without limit (Markov-Conley chains); ties can be crossed.
    """
    A, B = _both(attacker, defender)
    i, j = (index.ravel() for index in np.indices(A.shape))
    better = (j[:, None] == j) & (A[i, j][None, :] >= A[i, j][:, None]) & (i[:, None] != i)
    better |= (i[:, None] == i) & (B[i, j][None, :] >= B[i, j][:, None]) & (j[:, None] != j)
    return [[(int(i[s]), int(j[s])) for s in states] for states in closed_classes(better)]


def _both(attacker: npt.ArrayLike, defender: npt.ArrayLike | None) -> tuple[Matrix, Matrix]:
    A = checked(attacker)
    B = -A if defender is None else checked(defender)
    if A.shape != B.shape:
        raise ValueError(f"payoffs: both of one shape, not {A.shape} and {B.shape}")
    return A, B


def _check_selection(alpha: float | None, population: int) -> None:
    if alpha is not None and not 0 < alpha < np.inf:
        raise ValueError(f"alpha: a selection intensity above 0, or none for infinite selection, not {alpha}")
    if population < 2:
        raise ValueError(f"population: two or more, so that one can take over, not {population}")


def _chance(gain: Matrix, alpha: float | None, population: int) -> Matrix:
    if alpha is not None:
        return fixation(alpha * gain, population)
    return np.where(np.abs(gain) < 1e-12, 0.5, np.where(gain > 0, 1 - RARE, RARE))
