"""Several defenders deployed as one: the average of their logits."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from agents.defenders.members import Member, defenders_of
from agents.defenders.plain import Plain
from arena.engine import Average
from arena.moves import Deployment
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """The mean logits of its members, each trained on a stream of its own; attacked as one model, through the average.

    `members` are defenders or their specs: the same one repeated gives differently seeded networks.
    """

    members: tuple[Member, ...] = (Plain(),) * 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", defenders_of(self.members, "an ensemble"))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The average of the members' models."""
        members = defenders_of(self.members, "an ensemble")
        moves = [member.move(view, own) for member, own in zip(members, rng.spawn(len(members)), strict=True)]
        return Deployment(Average(tuple(move.model for move in moves)))
