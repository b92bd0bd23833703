"""Learning in a repeated game: how to play the next round, from what each strategy would have earned in those before.

All take utilities (rounds, strategies), in [0, 1], larger is better, and give the next round's probabilities (strategies,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Utilities = NDArray[np.float64]


def regret_matching(utilities: Utilities) -> Utilities:
    """Each strategy in proportion to its positive regret (Hart & Mas-Colell, 2000); all alike where nothing is regretted."""
    regret, p = np.zeros(utilities.shape[1]), _even(utilities.shape[1])
    for earned in utilities:
        regret += earned - p @ earned
        positive = np.maximum(regret, 0)
        p = positive / positive.sum() if positive.any() else _even(len(p))
    return p


def fictitious_play(utilities: Utilities, memory: int | None = None) -> Utilities:
    """The strategy that has earned most, the first of equals (Brown, 1951); over the last `memory` rounds alone if given.

    A memory of one round is alternating best response.
    """
    earned = utilities[max(0, len(utilities) - memory) if memory else 0 :].sum(axis=0)
    return np.eye(len(earned))[int(earned.argmax())]


def exp3(utilities: Utilities, luck: Utilities, explore: float) -> tuple[Utilities, list[int]]:
    """Exponential weights on what the strategies played earned, the others' earnings unseen (Auer et al., 2002).

    `luck` (rounds,) in [0, 1) is what each round's strategy was drawn by. Gives the probabilities, and the strategies played.
    """
    k = utilities.shape[1]
    height, played = np.zeros(k), []
    for earned, u in zip(utilities, luck, strict=True):
        p = _softened(height, explore)
        played.append(drawn(p, u))
        height[played[-1]] += explore * earned[played[-1]] / (k * p[played[-1]])
    return _softened(height, explore), played


def drawn(p: Utilities, u: float) -> int:
    """The strategy that a number u in [0, 1) draws from probabilities p."""
    return min(int(np.searchsorted(np.cumsum(p), u, side="right")), len(p) - 1)


def _softened(height: Utilities, explore: float) -> Utilities:
    e = np.exp(height - height.max())
    return (1 - explore) * e / e.sum() + explore * _even(len(e))


def _even(k: int) -> Utilities:
    return np.full(k, 1 / k)
