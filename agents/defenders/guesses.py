"""What a trained regressor must beat: the same everywhere, and what was measured nearby."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator

from arena.engine import Dense, Sequential
from arena.engine.arrays import Array, rows
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.regression import RegressionView

if TYPE_CHECKING:
    from scipy.spatial import KDTree


@dataclass(frozen=True, kw_only=True)
class ConstantRegression:
    """Foretells `value` everywhere, the mean of the training rows unless it is given; the control of regressors."""

    value: float | None = None

    def __post_init__(self) -> None:
        if self.value is not None and not np.isfinite(self.value):
            raise InvalidValue(f"value must be a finite number, or None for the training mean; got {self.value!r}")

    def move(self, view: RegressionView, rng: Generator) -> Deployment:
        """A network that gives the constant."""
        value = view.train.y.mean() if self.value is None else self.value
        return Deployment(Sequential((Dense.of(np.zeros((view.train.x.shape[1], 1)), [value]),)))


@dataclass(frozen=True, kw_only=True)
class NearestRow:
    """Foretells what was measured at the nearest training row, in L2."""

    def move(self, view: RegressionView, rng: Generator) -> Deployment:
        """The training rows themselves."""
        return Deployment(Nearest(view.train.x, view.train.y))


@dataclass(frozen=True, eq=False)
class Nearest:
    """A model of one output: y (m,) of the nearest of rows x (m, d); flat almost everywhere, so its gradients are 0."""

    x: Array
    y: Array
    classes = 1

    @property
    def features(self) -> int:
        """The length of an input row."""
        return int(self.x.shape[1])

    @cached_property
    def _tree(self) -> KDTree:
        from scipy.spatial import KDTree

        return KDTree(self.x)

    def logits(self, x: Array) -> Array:
        """The nearest row's value (n, 1)."""
        return self.y[self._tree.query(rows(x, self.features))[1], None]

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """The nearest row's value, and gradients of 0."""
        return self.logits(x), lambda g: np.zeros(np.shape(x), np.float32)
