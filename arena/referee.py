"""The referee: belongs to neither side, judges every move against its own copies, and clips nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, TypeVar

import numpy as np

from arena import examination
from arena.batch import Batch
from arena.engine.arrays import Array, Indices, Mask
from arena.engine.model import Model, hit, logits_of
from arena.engine.randomised import RandomisedEnsemble, drawn_from
from arena.errors import IllegalMove
from arena.moves import Deployment, Perturbation
from arena.streams import digest, stream
from arena.threat import Ball

Rows = TypeVar("Rows", bound=Batch)


@dataclass(frozen=True, eq=False)
class Scored:
    """Which points (n,) a model reads right, clean and attacked."""

    clean: Mask
    attacked: Mask

    @property
    def clean_accuracy(self) -> float:
        """Share read right, in [0, 1]."""
        return float(self.clean.mean())

    @property
    def attacked_accuracy(self) -> float:
        """Share read right under attack, in [0, 1]."""
        return float(self.attacked.mean())


@dataclass(frozen=True, eq=False)
class Round(Scored):
    """One field, scored once: what the deployed model reads right, and what was shown.

    `extras` holds what else the scenario measured, by name.
    """

    field: Batch
    answer: Batch
    model: Model
    queries: Indices | None = None
    extras: Mapping[str, float] = dataclass_field(default_factory=dict)


@dataclass(frozen=True)
class Referee:
    """Shows fields, judges perturbations and deployments, and scores; norms in float64 with one tolerance for all."""

    ball: Ball

    def examine(self, move: object, features: int, classes: int) -> Model:
        """The deployed model, locked; IllegalMove where it cannot read rows of so many features into so many classes."""
        if not isinstance(move, Deployment):
            raise IllegalMove(f"a defender answers with a Deployment; got {type(move).__name__}")
        examination.reads(move.model, features, classes)
        return locked(move.model)

    def shown(self, model: Model, x: Array) -> Model:
        """A copy of the model as who attacks rows x may have it, locked; IllegalMove without a vjp."""
        try:
            seen = locked(deepcopy(model))
        except Exception as error:
            raise IllegalMove(f"the deployed model cannot be copied for the attacker: {error!r}") from error
        examination.slopes(seen, x)
        return seen

    def ask_again(self, model: Model, shown: Model, answer: Batch) -> None:
        """IllegalMove if the model that the attacker asked does not answer about the attacked rows as the referee's own does."""
        for (own, _), (theirs, _) in zip(drawn_from(model), drawn_from(shown), strict=True):
            examination.constant(own, theirs, answer.x)

    def copy(self, field: Rows) -> Rows:
        """The field as a player may have it, while the referee keeps its own."""
        return replace(field, x=field.x.copy(), y=field.y.copy())

    def judge(self, move: object, field: Batch) -> Batch:
        """The attacked rows with their true labels; IllegalMove names the rule, the value and the excess."""
        if not isinstance(move, Perturbation):
            raise IllegalMove(f"an attacker answers with a Perturbation; got {type(move).__name__}")
        x = np.asarray(move.x)
        if x.shape != field.x.shape or x.dtype.kind != "f":
            raise IllegalMove(
                f"a perturbation has the field's shape {field.x.shape} and is float; got {x.shape}, {x.dtype}"
            )
        x = x.astype(np.float32)
        if not np.isfinite(x).all():
            raise IllegalMove(
                f"a perturbation is finite; row {int(np.argmin(np.isfinite(x).all(axis=1)))} holds NaN or infinity"
            )
        self._within(x, field.x)
        return replace(field, x=x)

    def score(self, model: Model, field: Batch, answer: Batch, queries: Indices | None = None) -> Round:
        """Which points the model reads right, clean and attacked; logits that are not finite count as wrong.

        A randomised ensemble is scored in expectation over its draws, which nobody has seen. A point has a luck of its own,
        the same for every attacker, spread evenly over [0, 1): it counts as read right where that lies below the share of the
        draws that read it right. The exact means of those shares stand in the round's extras.
        """
        before, after = chances(model, field), chances(model, answer)
        if not isinstance(model, RandomisedEnsemble):
            return Round(before > 0, after > 0, field, answer, model, queries)
        luck = (stream("luck", field.x.tobytes()).permutation(len(field)) + 0.5) / len(field)
        exact = {"expected_clean": float(before.mean()), "expected_attacked": float(after.mean())}
        return Round(luck < before, luck < after, field, answer, model, queries, exact)

    def _within(self, x: Array, center: Array) -> None:
        excess = self.ball.violation(x, center)
        row = int(excess.argmax())
        if not excess[row] <= self.ball.tolerance:
            outside = max(self.ball.box[0] - float(x[row].min()), float(x[row].max()) - self.ball.box[1])
            where = "is outside the box of" if outside >= excess[row] else "leaves"
            raise IllegalMove(
                f"the perturbation of row {row} {where} the {self.ball.norm} ball of radius {self.ball.radius:g} in"
                f" [{self.ball.box[0]:g}, {self.ball.box[1]:g}] by {excess[row]:.3g} (forgiven: {self.ball.tolerance:.1g});"
                f" end with view.ball.project(x, view.field.x)"
            )


def chances(model: Model, batch: Batch) -> Array:
    """The probability (n,) that each row is read right: 0 or 1, or the share of a randomised ensemble's draws."""
    return sum((share * hits(member, batch) for member, share in drawn_from(model)), np.zeros(len(batch)))


def hits(model: Model, batch: Batch) -> Mask:
    """Which rows (n,) the model reads right."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows counts as wrong
        logits = logits_of(model, batch.x)
    if logits.ndim != 2 or len(logits) != len(batch) or logits.shape[1] <= batch.y.max():
        raise IllegalMove(
            f"the deployed model must give a row of logits for each of {len(batch)} rows and a column for each class up to"
            f" {batch.y.max()}; got shape {logits.shape}"
        )
    return hit(logits, batch.y)


def locked(model: Model) -> Model:
    """The model itself, every array that can be reached in it made read-only."""
    for array in _arrays(model):
        array.flags.writeable = False
    return model


def witness(value: Any) -> Callable[[], bool]:
    """A question for later: do the arrays that are now within reach still hold what they hold? Others may join them."""
    held = [(array, digest(array.tobytes())) for array in _arrays(value)]
    return lambda: all(digest(array.tobytes()) == content for array, content in held)


def fingerprint(value: Any) -> str:
    """A digest of every array in a view, a model or a batch, to see whether a player wrote into what it was shown."""
    return digest(*(digest(array.dtype, array.shape, array.tobytes()) for array in _arrays(value)))


def _arrays(value: Any, seen: set[int] | None = None) -> Iterator[Array]:
    """Every array reachable through fields, attributes and containers, each object visited once."""
    seen = set() if seen is None else seen
    if isinstance(value, np.ndarray):
        yield value
        return
    if id(value) in seen or isinstance(value, type | str | bytes | int | float):
        return
    seen.add(id(value))
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, list | tuple):
        inside = list(value)
    else:
        names = [f.name for f in fields(value)] if is_dataclass(value) else getattr(value, "__dict__", ())
        inside = [getattr(value, name) for name in names]
    for item in inside:
        yield from _arrays(item, seen)
