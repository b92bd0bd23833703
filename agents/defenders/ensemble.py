"""Several defenders deployed as one: the average of their logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from numpy.random import Generator

from agents.defenders.plain import Plain
from arena import roster
from arena.engine import Average
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.players import Defender, seat
from arena.views import DefenderView

Member: TypeAlias = Defender | str


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """The mean logits of its members, each trained on a stream of its own; attacked as one model, through the average.

    `members` are defenders or their specs: the same one repeated gives differently seeded networks.
    """

    members: tuple[Member, ...] = (Plain(),) * 5

    def __post_init__(self) -> None:
        given = [self.members] if isinstance(self.members, str) else list(self.members)
        if not given:
            raise InvalidValue('members must name at least one defender, as in ["plain", "dropout"]')
        built = tuple(roster.build("defenders", member) if isinstance(member, str) else member for member in given)
        for member in built:
            seat(member, DefenderView, "an ensemble")
        object.__setattr__(self, "members", built)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The average of the members' models."""
        moves = [m.move(view, own) for m, own in zip(self.members, rng.spawn(len(self.members)), strict=True)]  # type: ignore[union-attr]  # strings are built above
        return Deployment(Average(tuple(move.model for move in moves)))
