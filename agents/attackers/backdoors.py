"""Backdoors: training rows with a trigger and the target's label; at test time the trigger asks for that label."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.flips import learned
from agents.attackers.members import defenders_of
from agents.attackers.pgd import PGD
from agents.attackers.triggers import CORNERS, blended, corner, stamped
from agents.defenders.plain import Plain
from arena.checks import not_negative, one_of, whole
from arena.engine.arrays import Array, Indices
from arena.errors import InvalidValue
from arena.moves import Perturbation, Poison
from arena.players import Defender
from arena.poisoning.view import PoisonView, TriggerView
from arena.threat import Ball
from arena.views import GradientView


@dataclass(frozen=True, kw_only=True)
class Backdoor(ABC):
    """Relabels as the target as many rows as are allowed, drawn from the other classes, with the trigger on; then uses it."""

    @abstractmethod
    def triggered(self, view: PoisonView, x: Array) -> Array:
        """The rows x (n, d) with the trigger on."""

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The poisoned rows, or at test time the triggered ones."""
        if isinstance(view, TriggerView):
            return Perturbation(self.triggered(view, view.field.x))
        return self.poison(view, rng)

    def poison(self, view: PoisonView, rng: Generator) -> Poison:
        """Rows of other classes, triggered and relabelled."""
        target = wanted(view)
        rows = rng.permutation(np.flatnonzero(view.train.y != target))[: view.limit]
        return Poison(rows, self.triggered(view, view.train.x[rows]), np.full(len(rows), target))


@dataclass(frozen=True, kw_only=True)
class BackdoorPatch(Backdoor):
    """BadNets: a side × side patch of one value in a corner (Gu et al., 2017, arXiv:1708.06733)."""

    side: int = 2
    value: float = 1.0
    where: str = "bottom-right"

    def __post_init__(self) -> None:
        whole("side", self.side)
        one_of("where", self.where, CORNERS)
        if not 0 <= self.value <= 1:
            raise InvalidValue(f"value must be a pixel in [0, 1]; got {self.value!r}")

    def triggered(self, view: PoisonView, x: Array) -> Array:
        """The rows with the patch."""
        return stamped(x, corner(view.shape, self.side, self.where), self.value)


@dataclass(frozen=True, kw_only=True)
class BackdoorBlend(Backdoor):
    """One picture of noise, by the number `pattern`, blended in at `share` (Chen et al., 2017, arXiv:1712.05526)."""

    share: float = 0.2
    pattern: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise InvalidValue(f"share must lie between 0 and 1; got {self.share!r}")
        whole("pattern", self.pattern, least=0)

    def triggered(self, view: PoisonView, x: Array) -> Array:
        """The rows with the picture blended in."""
        return blended(x, self.share, self.pattern)


@dataclass(frozen=True, kw_only=True)
class CleanLabelBackdoor(BackdoorPatch):
    """The patch on rows of the target's own class, no label changed (Turner et al., 2019, arXiv:1912.02771).

    The rows' own features are hidden first, by PGD in L∞ within `radius` on the model known or a surrogate, so that the
    patch is what is left to learn. `radius=0` is the negative control: a patch alone is not learnt.
    """

    radius: float = 0.3
    surrogate: Defender | str = Plain()

    def __post_init__(self) -> None:
        super().__post_init__()
        not_negative("radius", self.radius)
        object.__setattr__(self, "surrogate", defenders_of([self.surrogate])[0])

    def poison(self, view: PoisonView, rng: Generator) -> Poison:
        """Rows of the target class, hidden and patched."""
        rows = rng.permutation(np.flatnonzero(view.train.y == wanted(view)))[: view.limit]
        hidden = self._hidden(view, rows, rng) if self.radius else view.train.x[rows]
        return Poison(rows, self.triggered(view, hidden))

    def _hidden(self, view: PoisonView, rows: Indices, rng: Generator) -> Array:
        model = view.model or learned(self.surrogate, view, view.train, rng)
        shown = GradientView(view.train[rows], Ball(self.radius, box=view.allowance.box), model)
        return PGD(stop_fooled=False).move(shown, rng).x


def wanted(view: PoisonView) -> int:
    """The goal's target class."""
    if view.goal.target is None:
        raise InvalidValue("a backdoor needs a goal with a target class; this one names none")
    return view.goal.target
