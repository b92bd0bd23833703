"""Disguises: training rows changed a little under their own right labels, so that a chosen test point is read as wanted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from numpy.random import Generator

from agents.attackers.flips import learned, standing_still
from agents.attackers.members import defenders_of
from agents.defenders.plain import Plain
from arena.batch import Batch
from arena.engine import Sequential
from arena.engine.arrays import Array, Indices
from arena.errors import InvalidValue
from arena.moves import Perturbation, Poison
from arena.players import Defender
from arena.poisoning.view import PoisonView
from arena.threat import Ball


@dataclass(frozen=True, kw_only=True)
class Disguise(ABC):
    """Edits rows of the wanted class, in the allowance's ball, by the defender's network where known, else `surrogate`'s."""

    surrogate: Defender | str = Plain()

    def __post_init__(self) -> None:
        object.__setattr__(self, "surrogate", defenders_of([self.surrogate])[0])

    @abstractmethod
    def crafted(
        self, network: Sequential, train: Batch, aims: Batch, ball: Ball, limit: int, rng: Generator
    ) -> tuple[Indices, Array]:
        """At most `limit` rows of `train` and what they become; `aims` are the points with the labels wanted for them."""

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The edited rows, all labels as they were."""
        if still := standing_still(view):
            return still
        name, goal, ball = type(self).__name__, view.goal, view.allowance.may_edit
        if goal.points is None or goal.wanted is None:
            raise InvalidValue(f"{name} needs chosen test points; this goal names none: play poisoning(goal='points')")
        if ball is None:
            raise InvalidValue(f"{name} edits rows, and may_edit is None: give Contamination(may_edit=Ball(…))")
        known = isinstance(view.model, Sequential)
        network = view.model if known else learned(self.surrogate, replace(view, recipe=None), view.train, rng)
        if not isinstance(network, Sequential):
            raise InvalidValue(f"{name} needs a surrogate that is one network, as plain; {self.surrogate!r} is not")
        return Poison(*self.crafted(network, view.train, Batch(goal.points.x, goal.wanted), ball, view.limit, rng))
