"""A mixed strategy over defenders: each is trained, and chance decides which one answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from agents.defenders.members import Member, defenders_of
from agents.defenders.plain import Plain
from arena.checks import one_of, weights
from arena.engine import RandomisedEnsemble
from arena.moves import Deployment
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """`members` played with probabilities `weights` (equal ones if None), which the attacker knows; its draw it does not.

    `draw="query"`: a member is drawn for every row asked about. The deployed model is a RandomisedEnsemble: a white-box
    attacker sees all members and their weights, and the referee scores the expectation over draws, not one of them.
    `draw="match"`: one member is drawn before the match and deployed, so that a white-box attacker sees the drawn network
    itself: against such an attacker mixing gains nothing.
    """

    members: tuple[Member, ...] = (Plain(), Plain())
    weights: tuple[float, ...] | None = None
    draw: Literal["query", "match"] = "query"

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", defenders_of(self.members, "a mixture"))
        object.__setattr__(self, "weights", weights("weights", self.weights, len(self.members)))
        one_of("draw", self.draw, ("query", "match"))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The members' models as one that is drawn from, or the one drawn."""
        members, shares = defenders_of(self.members, "a mixture"), weights("weights", self.weights, len(self.members))
        streams = rng.spawn(len(members))
        if self.draw == "match":
            chosen = int(rng.choice(len(members), p=shares))
            return members[chosen].move(view, streams[chosen])
        models = tuple(member.move(view, own).model for member, own in zip(members, streams, strict=True))
        return Deployment(RandomisedEnsemble(models, shares))
