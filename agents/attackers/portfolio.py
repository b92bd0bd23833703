"""Several attackers as one: each tries what the ones before it left standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.members import attackers_of, most_demanding
from agents.attackers.pgd import PGD
from arena.engine.arrays import Indices
from arena.moves import Perturbation
from arena.players import Attacker
from arena.views import LabelView

STRONG = (
    PGD(steps=100, restarts=2),
    PGD(steps=100, loss="dlr", restarts=2),
    PGD(steps=100, loss="margin", restarts=2),
)


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Tries attackers in order, each on the examples still read right, so that easy ones cost the fewest queries.

    `attackers` are objects or specs. A query an example and attacker goes into seeing what still stands.
    """

    attackers: tuple[Attacker[Any] | str, ...] = STRONG

    def __post_init__(self) -> None:
        object.__setattr__(self, "attackers", attackers_of(self.attackers))

    @property
    def needs(self) -> type:
        """What the most demanding member needs to see, and labels at the least."""
        return most_demanding(self.attackers, LabelView)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """The first success for each example, else the last attempt."""
        answer = view.field.x.copy()
        standing = _still_right(view, answer, np.arange(len(answer)))
        for attacker, own in zip(attackers_of(self.attackers), rng.spawn(len(self.attackers)), strict=True):
            if not standing.size:
                break
            answer[standing] = attacker.move(view.only(standing), own).x
            standing = _still_right(view, answer, standing)
        return Perturbation(answer)


def _still_right(view: LabelView, x: np.ndarray, rows: Indices) -> Indices:
    """Those of the rows that the target still reads right and about which there are questions left."""
    left = view.left
    rows = rows if left is None else rows[left[rows] > 0]
    return rows[view.labels(x[rows], rows) == view.field.y[rows]] if rows.size else rows
