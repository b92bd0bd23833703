"""The attacker's best response to a randomised ensemble, as far as attacks can find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.draws import Draws
from agents.attackers.greedy import AdaptivePGD, Greedy
from agents.attackers.members import attacker_of
from agents.attackers.strongest import Strongest
from arena.moves import Perturbation
from arena.players import Attacker
from arena.views import GradientView


@dataclass(frozen=True, kw_only=True)
class BestResponse:
    """For each row the best, by expected 0-1 loss, of many attacks on a mixture of networks.

    Tried in order, each on the rows that some draw still reads right: `attacker` on the expected answer, ascent of the expected
    loss, `attacker` on each member, and Greedy from the clean point, from a random one and from the best point so far.
    A single network meets `attacker` alone. What it finds is a lower bound of what can be found.
    """

    attacker: Attacker[Any] | str = Strongest()

    def __post_init__(self) -> None:
        object.__setattr__(self, "attacker", attacker_of(self.attacker))

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The best point found for each row."""
        attacker, draws = attacker_of(self.attacker), Draws(view)
        if len(draws.models) == 1:
            return attacker.move(view, rng)
        hunt = _Hunt(view, draws)
        hunt.attempt(attacker, rng)
        hunt.attempt(AdaptivePGD(), rng)
        for model in draws.models:
            hunt.attempt(attacker, rng, GradientView(view.field, view.ball, model, shadow=view.shadow))
        hunt.attempt(Greedy(), rng)
        return Perturbation(Greedy().extended(draws, hunt.answer))


class _Hunt:
    """Each row's best point so far, and its expected loss."""

    def __init__(self, view: GradientView, draws: Draws) -> None:
        self._view, self._draws = view, draws
        self.answer = view.field.x.copy()
        self._lost = draws.lost(self.answer)

    def attempt(self, attacker: Attacker[Any], rng: Generator, view: GradientView | None = None) -> None:
        """Attack the rows that can still lose more; a row's point is replaced where it then does."""
        rows = np.flatnonzero(self._lost < 1 - 1e-9)
        if not rows.size:
            return
        found = attacker.move((view or self._view).only(rows), rng).x
        lost = self._draws.lost(found, self._view.field[rows])
        better = lost > self._lost[rows]
        self.answer[rows[better]], self._lost[rows[better]] = found[better], lost[better]
