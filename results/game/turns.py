"""A game grown by best responses: the bracket around its value, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from results.statistics.intervals import Interval

Array: TypeAlias = npt.NDArray[np.floating[Any]]

LEVEL = 0.975  # two-sided 95 %


@dataclass(frozen=True)
class Turn:
    """One turn of double oracle: the restricted game's equilibrium, and what best responses take from it.

    `attacker` and `defender` are probabilities over the strategies known so far, `value` the attacker's mean payoff.
    `upper` is what the attacker's best response takes from `defender`, `lower` what the defender's loses to `attacker`:
    with exact oracles the game's value lies between them, with approximate ones `gap = upper - lower` is a lower bound of
    the exploitability. Its interval is over test points.
    """

    attacker: tuple[float, ...]
    defender: tuple[float, ...]
    value: float
    lower: float
    upper: float
    gap: Interval

    @property
    def settled(self) -> bool:
        """Whether the interval of the gap contains zero."""
        return self.gap.low <= 1e-9


def bracket(turns: Sequence[Turn]) -> tuple[int, int]:
    """The turns with the highest lower and the lowest upper end: whose attacker's and whose defender's mixture to keep."""
    return max(range(len(turns)), key=lambda t: turns[t].lower), min(range(len(turns)), key=lambda t: turns[t].upper)


def mean_interval(x: Array) -> Interval:
    """Student's 95 % interval for the mean of x (n,); of a single number, which is then exact, the number itself."""
    from scipy.special import stdtrit

    mean = float(x.mean())
    spread = float(x.std(ddof=1) / len(x) ** 0.5 * stdtrit(len(x) - 1, LEVEL)) if len(x) > 1 else 0.0
    return Interval(mean, mean - spread, mean + spread)
