"""What an attacker of a backdoor may do to a test row: stamp a few pixels, or blend one picture in; the same for every row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from arena.batch import Batch
from arena.checks import whole
from arena.engine.arrays import Array
from arena.errors import IllegalMove, InvalidValue
from arena.moves import Perturbation

_ROUNDING = 1e-5  # float32 noise of a blend, divided by its share


class Trigger(Protocol):
    """The kind of trigger that a scenario allows."""

    def judge(self, move: object, field: Batch) -> Batch:
        """The triggered rows with their true labels; IllegalMove where they do not carry one trigger of this kind."""


@dataclass(frozen=True)
class Stamp:
    """At most `pixels` features overwritten, the same ones with the same values in every row."""

    pixels: int = 4

    def __post_init__(self) -> None:
        whole("pixels", self.pixels)

    def judge(self, move: object, field: Batch) -> Batch:
        """The stamped rows; IllegalMove if more features changed, or to different values."""
        x = _rows(move, field)
        changed = (x != field.x).any(axis=0)
        if changed.sum() > self.pixels:
            raise IllegalMove(
                f"the trigger overwrites {int(changed.sum())} features; this scenario allows {self.pixels}: a smaller patch"
            )
        if (x[:, changed] != x[:1, changed]).any():
            raise IllegalMove("a stamp writes the same values into every row; overwrite the pixels, do not add to them")
        return Batch(x, field.y)


@dataclass(frozen=True)
class Mixture:
    """One picture p blended into every row, x' = (1 - share) x + share p, or no row changed at all."""

    share: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise InvalidValue(f"share must lie between 0 and 1; got {self.share!r}")

    def judge(self, move: object, field: Batch) -> Batch:
        """The blended rows; IllegalMove if what was blended in differs between rows or leaves the box."""
        x = _rows(move, field)
        if np.array_equal(x, field.x):
            return Batch(x, field.y)
        p = (x.astype(np.float64) - (1 - self.share) * field.x) / self.share
        if p.min() < -_ROUNDING / self.share or p.max() > 1 + _ROUNDING / self.share:
            raise IllegalMove(
                f"the blended picture must lie in [0, 1] at share {self.share:g}; got {p.min():.3g}..{p.max():.3g}"
            )
        if np.ptp(p, axis=0).max() > _ROUNDING / self.share:
            raise IllegalMove(
                f"a blend is (1 - {self.share:g}) x + {self.share:g} p with one picture p; p differs between rows"
            )
        return Batch(x, field.y)


def _rows(move: object, field: Batch) -> Array:
    if not isinstance(move, Perturbation):
        raise IllegalMove(f"a trigger is put on test rows by a Perturbation; got {type(move).__name__}")
    x: Any = np.asarray(move.x)
    if x.shape != field.x.shape or x.dtype.kind != "f":
        raise IllegalMove(
            f"triggered rows have the field's shape {field.x.shape} and are float; got {x.shape}, {x.dtype}"
        )
    x = x.astype(np.float32)
    if not ((x >= 0) & (x <= 1)).all():
        raise IllegalMove("triggered rows lie in the box [0, 1] and hold no NaN; np.clip them")
    return x
