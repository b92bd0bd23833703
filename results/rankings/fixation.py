"""Alpha-rank's arithmetic in stable forms: fixation probabilities, and the stationary distribution of a chain."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from results.game.payoffs import Matrix

Vector = npt.NDArray[np.float64]


def fixation(u: npt.ArrayLike, population: int) -> Matrix:
    """Probability that one mutant takes over a population, `(1 - e^-u) / (1 - e^-mu)`, and 1/m where u is zero.

    `u` is the selection intensity times the mutant's advantage, of any shape; nothing overflows.
    """
    u = np.asarray(u, dtype=np.float64)
    size = np.abs(u)
    safe = np.where(size < 1e-12, 1.0, size)
    gain = np.where(size < 1e-12, 1 / population, np.expm1(-safe) / np.expm1(-population * safe))
    return np.where(u >= 0, gain, gain * np.exp(-(population - 1) * size))


def stationary(transitions: npt.ArrayLike) -> Vector:
    """Stationary distribution of a chain that ends in one set of states; its diagonal is not read.

    `transitions` is row-stochastic, (states, states). Raises ValueError where floating point knows several sets of states
    that are never left.
    """
    P = np.asarray(transitions, dtype=np.float64)
    last = closed_classes(P > 0)
    if len(last) > 1:
        raise ValueError(f"transitions: the chain ends in {len(last)} sets of states, not in one; see sinks")
    share = np.zeros(len(P))
    share[last[0]] = _eliminated(P[np.ix_(last[0], last[0])])
    return share


def closed_classes(leads: npt.NDArray[np.bool_]) -> list[list[int]]:
    """Find the sets of states that reach one another and no other; `leads[s, r]` where s leads to r."""
    from scipy.sparse.csgraph import connected_components

    count, member = connected_components(leads, directed=True, connection="strong")
    start, end = (member[states] for states in np.nonzero(leads))
    left = set(start[start != end].tolist())
    return [np.flatnonzero(member == k).tolist() for k in range(count) if k not in left]


def _eliminated(P: Matrix) -> Vector:
    """Eliminate the states of an irreducible chain one by one, without a subtraction.

    Grassmann, Taksar and Heyman, "Regenerative analysis and steady state distributions for Markov chains", Operations
    Research 33, 1985.
    """
    P = P.copy()
    for k in range(len(P) - 1, 0, -1):
        P[:k, k] /= P[k, :k].sum()
        P[:k, :k] += np.outer(P[:k, k], P[k, :k])
    share = np.zeros(len(P))
    share[0] = 1.0
    for k in range(1, len(P)):
        share[k] = share[:k] @ P[:k, k]
    return np.asarray(share / share.sum())
