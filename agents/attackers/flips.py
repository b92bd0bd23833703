"""Label flips: at random, from one class to another, or where they raise the loss most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.members import defenders_of
from agents.defenders.plain import Plain
from arena.batch import Batch
from arena.checks import whole
from arena.engine.arrays import Labels
from arena.engine.model import Model
from arena.errors import InvalidValue
from arena.moves import Perturbation, Poison
from arena.players import Defender
from arena.poisoning.view import PoisonView, TriggerView
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView


def standing_still(view: PoisonView) -> Perturbation | None:
    """The untouched test rows, where a poisoner without a trigger is asked for one; else None."""
    return Perturbation(view.field.x.copy()) if isinstance(view, TriggerView) else None


@dataclass(frozen=True, kw_only=True)
class RandomLabelFlip:
    """The control: rows drawn without replacement, each given another label drawn at random, never its own."""

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """As many flips as are allowed."""
        if still := standing_still(view):
            return still
        rows = rng.permutation(len(view.train))[: view.limit]
        return Poison(rows, y=(view.train.y[rows] + rng.integers(1, view.classes, len(rows))) % view.classes)


@dataclass(frozen=True, kw_only=True)
class TargetedLabelFlip:
    """Rows of the goal's source class labelled as its target, up to the limit or the share `most` of the class."""

    most: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.most <= 1:
            raise InvalidValue(f"most must be a share of the class in (0, 1]; got {self.most!r}")

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """Flips from source to target."""
        if still := standing_still(view):
            return still
        source, target = view.goal.source, view.goal.target
        if source is None or target is None:
            raise InvalidValue("TargetedLabelFlip needs a goal with a source and a target class; this one names none")
        own = np.flatnonzero(view.train.y == source)
        rows = rng.permutation(own)[: min(view.limit, int(self.most * len(own)))]
        return Poison(rows, y=np.full(len(rows), target))


@dataclass(frozen=True, kw_only=True)
class LossMaximisingLabelFlip:
    """Flips where a model loses most by them, gain = z_y - z_k at the least likely label k (after Xiao et al., 2012).

    The model is the defender's own where the scenario gives its recipe away, else `surrogate` trained on the rows known.
    `repeats` > 1 flips anew against the model trained on the last poison.
    """

    surrogate: Defender | str = Plain()
    repeats: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "surrogate", defenders_of([self.surrogate])[0])
        whole("repeats", self.repeats)

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The flips of the largest gains."""
        if still := standing_still(view):
            return still
        model = view.model or learned(self.surrogate, view, view.train, rng)
        for left in reversed(range(self.repeats)):
            rows, y = worst_flips(model, view.train, view.limit)
            if left:
                model = learned(self.surrogate, view, Batch(view.train.x, _flipped(view.train.y, rows, y)), rng)
        return Poison(rows, y=y)


def worst_flips(model: Model, train: Batch, limit: int) -> tuple[Labels, Labels]:
    """The `limit` rows where the model loses most by another label, and those labels."""
    z = np.asarray(model.logits(train.x))
    least = np.where(np.eye(z.shape[1], dtype=bool)[train.y], np.inf, z).argmin(axis=1)
    n = np.arange(len(z))
    rows = np.argsort(z[n, least] - z[n, train.y], kind="stable")[:limit]
    return rows, least[rows]


def learned(surrogate: Defender | str, view: PoisonView, train: Batch, rng: Generator) -> Model:
    """What the defender's recipe makes of the rows where it is known, else what the surrogate does."""
    if view.recipe:
        return view.recipe(train, rng)
    return defenders_of([surrogate])[0].move(presumed(view, train), rng).model


def presumed(view: PoisonView, train: Batch) -> DefenderView:
    """What a defender with these rows would be shown, as far as the attacker knows."""
    return DefenderView(train, view.classes, ThreatModel(ball=Ball(0.1), contamination=view.allowance))


def _flipped(y: Labels, rows: Labels, values: Labels) -> Labels:
    changed = y.copy()
    changed[rows] = values
    return changed
