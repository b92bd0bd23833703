"""What a model is to everyone above the engine: logits, and the vector-Jacobian product of its logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from arena.engine.arrays import Array, Labels, Mask


class Model(Protocol):
    """Anything with `logits(x)` and the vjp of its logits; rows (n, features) to logits (n, classes)."""

    @property
    def features(self) -> int:
        """The length of an input row."""

    @property
    def classes(self) -> int:
        """The number of logits."""

    def logits(self, x: Array) -> Array:
        """Logits (n, classes) at inference; the same for the same x, and nothing is changed by asking."""

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Logits, and the function from dL/dlogits (n, classes) to dL/dx (n, features)."""


def logits_of(model: Model, x: Array) -> Array:
    """The model's logits (n, classes) of a copy of x, as floats: some write into the rows they read, or count votes."""
    return _floats(model.logits(x.copy()))


def vjp_of(model: Model, x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """The model's logits of a copy of x, as floats, and its function from dL/dlogits to dL/dx."""
    logits, pull = model.vjp(x.copy())
    return _floats(logits), pull


def hit(z: Array, y: Labels) -> Mask:
    """Which rows (n,) are read right: all logits finite, and the largest at the label."""
    return np.asarray((z.argmax(axis=1) == y) & np.isfinite(z).all(axis=1))


def _floats(z: object) -> Array:
    """In rows one after another, whatever order a model computes in."""
    z = np.asarray(z)
    return np.asarray(z, np.result_type(z.dtype, np.float32), order="C")


@dataclass(frozen=True, eq=False)
class Wrapped:
    """A model with another around it: rows and classes are the inner one's."""

    model: Model

    @property
    def features(self) -> int:
        """The length of an input row."""
        return self.model.features

    @property
    def classes(self) -> int:
        """The number of logits."""
        return self.model.classes


class Pass(Protocol):
    """Forward, then backward, through one model; the logits are the caller's, a gradient is valid until the next call."""

    def forward(self, x: Array) -> Array:
        """Logits of x."""

    def backward(self, g: Array) -> Array:
        """dL/dx of the last forward's x, from g = dL/dlogits."""


class VjpPass:
    """The pass of any model, by its own vjp."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def forward(self, x: Array) -> Array:
        """Logits of x."""
        logits, self._pull = vjp_of(self._model, x)
        return logits.copy()  # as below: a model may write over what it returned

    def backward(self, g: Array) -> Array:
        """dL/dx of the last forward's x."""
        return np.array(self._pull(g))


def passes(model: Model) -> Pass:
    """The model's buffered pass where it has one, else its vjp."""
    buffered: Callable[[], Pass] = getattr(model, "passes", lambda: VjpPass(model))
    return buffered()
