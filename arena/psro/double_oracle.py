"""Double oracle (McMahan, Gordon & Blum, 2003): solve the game known so far, add both sides' best responses, repeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from arena.engine.arrays import Array
from results import solve
from results.game.turns import Turn, mean_interval


class Oracles(Protocol):
    """Both sides' best responses; each call adds the strategy it finds. Losses are a number a test point, the attacker's gain."""

    def attack(self, defender: Array, number: int) -> Array:
        """Answer the defender's mixture (n,): losses (n, points) that the new attack brings the defences known."""

    def defend(self, attacker: Array, number: int) -> Array:
        """Answer the attacker's mixture (m,) of the attacks known before this turn: losses (m, points) of the new defence."""

    def meet(self) -> Array:
        """Losses (points,) that the newest attack brings the newest defence."""


def double_oracle(losses: Array, oracles: Oracles, turns: int, first: int = 0) -> Iterator[tuple[Turn, Array]]:
    """Yield each turn with the losses (m, n, points) of the game it ends with; stop once a gap's interval contains zero.

    `losses` (m, n, points) is the game to begin with, `first` the number of the first turn. A response that is worse than
    what is known counts for nothing, so that `lower <= value <= upper` in every turn.
    """
    for number in range(first, turns):
        turn, losses = _turn(losses, oracles, number)
        yield turn, losses
        if turn.settled:
            return


def _turn(losses: Array, oracles: Oracles, number: int) -> tuple[Turn, Array]:
    found = solve(losses.mean(axis=2))
    p, q = found.attacker, found.defender
    row, column = oracles.attack(q, number), oracles.defend(p, number)
    corner = oracles.meet()
    known = np.einsum("i,ijk,j->k", p, losses, q)
    upper = max(known, q @ row, key=np.mean)
    lower = min(known, p @ column, key=np.mean)
    turn = Turn(
        tuple(p.tolist()), tuple(q.tolist()), found.value, float(lower.mean()), float(upper.mean()),
        mean_interval(upper - lower),
    )  # fmt: skip
    grown = np.concatenate([losses, column[:, None]], axis=1)
    return turn, np.concatenate([grown, np.concatenate([row, corner[None]])[None]])
