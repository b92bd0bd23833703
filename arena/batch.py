"""Rows and their labels, checked once at the border and read-only from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from arena.engine.arrays import Array, Labels, labels, rows
from arena.errors import InvalidValue


@dataclass(frozen=True, eq=False)
class Batch:
    """x (n, d) float32 rows and y (n,) integer labels; InvalidValue on other shapes, NaN or labels that are no integers."""

    x: Array
    y: Labels

    def __post_init__(self) -> None:
        try:
            x = rows(self.x).astype(np.float32, copy=False)
            y = self._targets(len(x))
        except ValueError as error:
            raise InvalidValue(str(error)) from error
        object.__setattr__(self, "x", frozen(x))
        object.__setattr__(self, "y", frozen(y))

    def _targets(self, n: int) -> Labels:
        return labels(self.y, n)

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, chosen: Any) -> Self:
        return type(self)(self.x[chosen], self.y[chosen])

    def joined(self, other: Batch) -> Self:
        """These rows followed by the other's."""
        return type(self)(np.concatenate([self.x, other.x]), np.concatenate([self.y, other.y]))


def frozen(array: Any) -> Any:
    """The array itself if nobody can write to it, else a read-only copy."""
    if array.flags.writeable or array.base is not None:
        array = array.copy()
    array.flags.writeable = False
    return array
