"""A mixed strategy over attackers: chance decides which one attacks a point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.members import attackers_of, most_demanding
from agents.attackers.pgd import PGD, MomentumPGD
from arena.checks import weights
from arena.moves import Perturbation
from arena.players import Attacker
from arena.views import EvasionView


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """`attackers` played with probabilities `weights` (equal ones if None), drawn for every point of the field.

    The draws are spread evenly: of n points an attacker with weight w gets w n, to within one, and chance decides which.
    """

    attackers: tuple[Attacker[Any] | str, ...] = (PGD(), MomentumPGD())
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "attackers", attackers_of(self.attackers))
        object.__setattr__(self, "weights", weights("weights", self.weights, len(self.attackers)))

    @property
    def needs(self) -> type:
        """What the most demanding member needs to see."""
        return most_demanding(self.attackers)

    def move(self, view: EvasionView, rng: Generator) -> Perturbation:
        """Each point as the attacker drawn for it answers."""
        members = attackers_of(self.attackers)
        n, ends = len(view.field), np.cumsum(weights("weights", self.weights, len(members)))
        drawn = np.searchsorted(ends[:-1], (rng.permutation(n) + rng.random()) / n, side="right")
        answer = view.field.x.copy()
        for k, (attacker, own) in enumerate(zip(members, rng.spawn(len(members)), strict=True)):
            rows = np.flatnonzero(drawn == k)
            if rows.size:
                answer[rows] = attacker.move(view.only(rows), own).x
        return Perturbation(answer)
