"""What a poisoner is shown: the training rows it knows, what it may do to them, and what it is after."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from numpy.random import Generator

from arena.batch import Batch
from arena.checks import one_of, whole
from arena.engine.arrays import Labels, Mask
from arena.engine.model import Model
from arena.moves import Poison
from arena.threat import Contamination

GoalKind: TypeAlias = Literal["availability", "targeted", "backdoor", "points"]
Recipe: TypeAlias = Callable[[Batch, Generator], Model]


@dataclass(frozen=True, eq=False)
class Goal:
    """What the attacker is after: "availability" (lower accuracy), `source` read as `target`, a trigger read as `target`.

    With "points", the chosen test rows `points` are to be read as `wanted` (n,) instead of their true labels.
    """

    kind: GoalKind
    source: int | None = None
    target: int | None = None
    points: Batch | None = None
    wanted: Labels | None = None

    def __post_init__(self) -> None:
        one_of("goal", self.kind, get_args(GoalKind))
        for name in ("source", "target"):
            if getattr(self, name) is not None:
                whole(name, getattr(self, name), least=0)


@dataclass(frozen=True, eq=False)
class Revealed:
    """What an earlier round showed: the attacker's own poison, the model it led to, and the rows (n,) not trusted, if told."""

    poison: Poison
    model: Model
    suspects: Mask | None


@dataclass(frozen=True, eq=False)
class PoisonView:
    """The rows the attacker knows, numbered as its move numbers them, and the allowance; `limit` is counted in rows.

    `rows` is the size of the whole training set, of which `train` may be a share; `shape` is a row's as a picture.
    An adaptive attacker has `recipe(train, rng)`, which trains what the defender would, and `model`, trained by it on clean rows.
    """

    train: Batch
    rows: int
    classes: int
    shape: tuple[int, ...]
    allowance: Contamination
    goal: Goal
    model: Model | None = None
    recipe: Recipe | None = None
    revealed: tuple[Revealed, ...] = ()

    def __post_init__(self) -> None:
        for name in ("allowance", "goal"):  # the referee scores by its own
            object.__setattr__(self, name, deepcopy(getattr(self, name)))

    @property
    def limit(self) -> int:
        """How many distinct rows may be touched: floor(fraction · rows), and no more than it knows unless it may insert."""
        most = self.allowance.limit(self.rows)
        return most if self.allowance.may_insert else min(most, len(self.train))


@dataclass(frozen=True, eq=False, kw_only=True)
class TriggerView(PoisonView):
    """At test time, in addition: the test rows to put the trigger on; answered with a Perturbation."""

    field: Batch
