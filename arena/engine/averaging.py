"""The average of several models as one model, its gradient through the average."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from arena.engine.arrays import Array
from arena.engine.model import Model, Pass, passes


@dataclass(frozen=True, eq=False)
class Members:
    """Several models as one; all read the same features and name the same classes, else ValueError."""

    members: tuple[Model, ...]

    def __post_init__(self) -> None:
        shapes = {(member.features, member.classes) for member in self.members}
        if len(shapes) != 1:
            raise ValueError(f"members must share one (features, classes); got {sorted(shapes) or 'no members'}")

    @property
    def features(self) -> int:
        """The length of an input row."""
        return self.members[0].features

    @property
    def classes(self) -> int:
        """The number of logits."""
        return self.members[0].classes


class Average(Members):
    """Mean of the members' logits."""

    def logits(self, x: Array) -> Array:
        """Mean logits (n, classes)."""
        return _mean([member.logits(x) for member in self.members])

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Mean logits, and the function from dL/dlogits to dL/dx."""
        logits, pulls = zip(*(member.vjp(x) for member in self.members), strict=True)
        return _mean(logits), lambda g: _mean([pull(g) for pull in pulls])

    def passes(self) -> Pass:
        """A pass made of the members' passes."""
        return _AveragePass([passes(member) for member in self.members])


class _AveragePass:
    def __init__(self, members: Sequence[Pass]) -> None:
        self._members = members

    def forward(self, x: Array) -> Array:
        return _mean([member.forward(x) for member in self._members])

    def backward(self, g: Array) -> Array:
        return _mean([member.backward(g.copy()) for member in self._members])


def _mean(arrays: Sequence[Array]) -> Array:
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    return np.divide(total, total.dtype.type(len(arrays)), out=total)
