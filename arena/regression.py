"""Regression as a game: rows with measured values in place of labels, what either side sees of them, and the referee's errors."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.batch import Batch
from arena.checks import positive
from arena.engine.arrays import Array, Indices, finite
from arena.engine.model import Model, logits_of, vjp_of
from arena.errors import IllegalMove, InvalidValue
from arena.referee import Referee, Round
from arena.threat import Ball, ThreatModel
from arena.views import EvasionView


@dataclass(frozen=True, eq=False)
class Measurements(Batch):
    """x (n, d) float32 rows and y (n,) float64 values; InvalidValue on other shapes or on NaN."""

    y: Array  # type: ignore[assignment]  # values where a Batch has labels

    def _targets(self, n: int) -> Array:  # type: ignore[override]
        y = np.asarray(self.y)
        if y.shape != (n,) or y.dtype.kind not in "fiu" or not np.isfinite(y).all():
            raise InvalidValue(
                f"y must hold a finite number for each of the {n} rows; got {y.shape}, {y.dtype}, or NaN"
            )
        return y.astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class RegressionView:
    """What a defender sees: measured rows to learn from, and the threat to the rows that its model will be given."""

    train: Measurements
    threat: ThreatModel

    def __post_init__(self) -> None:
        object.__setattr__(self, "threat", deepcopy(self.threat))


class RegressorView(EvasionView):
    """What an attacker sees: the field with its true values, the ball each row may move in, and the deployed model."""

    field: Measurements

    def __init__(self, field: Measurements, ball: Ball, model: Model, *, shadow: Batch | None = None) -> None:
        super().__init__(field, ball, shadow=shadow)
        self.model = model

    def _sight(self, rows: Indices) -> tuple[Any, ...]:
        return (self.model,)

    def values(self, x: Array) -> Array:
        """The model's values (n,) at rows x (n, d)."""
        return logits_of(self.model, x)[:, 0].astype(np.float64)

    def slope(self, x: Array) -> tuple[Array, Array]:
        """The model's values (n,) at rows x (n, d), and their gradients (n, d)."""
        z, pull = vjp_of(self.model, x)
        return z[:, 0].astype(np.float64), finite(np.asarray(pull(np.ones((len(x), 1), z.dtype))))


@dataclass(frozen=True)
class RegressionReferee(Referee):
    """Judges as every referee does; a row counts as right where the model is off by `tolerance` or less."""

    tolerance: float

    def __post_init__(self) -> None:
        positive("tolerance", self.tolerance)

    def score(self, model: Model, field: Batch, answer: Batch, queries: Indices | None = None) -> Round:
        """Which rows the model gets right, clean and attacked; mean and largest errors as extras, where every row has a value."""
        before, after = errors(model, field), errors(model, answer)
        extras = {
            f"{size}_error_{when}": float(of(error))
            for when, error in (("clean", before), ("attacked", after))
            for size, of in (("mean", np.mean), ("largest", np.max))
            if np.isfinite(error).all()
        }
        right = before <= self.tolerance, after <= self.tolerance
        return Round(*right, field, answer, model, queries, extras)


def errors(model: Model, rows: Batch) -> Array:
    """How far (n,) the model's values are from the rows' own, in float64; inf where it has none."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = logits_of(model, rows.x)
    if z.shape != (len(rows), 1):
        raise IllegalMove(f"the deployed model must give one value for each of {len(rows)} rows; got shape {z.shape}")
    error = np.abs(z[:, 0].astype(np.float64) - rows.y)
    return np.where(np.isnan(error), np.inf, error)
