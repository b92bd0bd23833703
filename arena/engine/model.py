"""What a model is to everyone above the engine: logits, and the vector-Jacobian product of its logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from arena.engine.arrays import Array


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


class Pass(Protocol):
    """Forward, then backward, through one model; every array returned is valid until the next call."""

    def forward(self, x: Array) -> Array:
        """Logits of x."""

    def backward(self, g: Array) -> Array:
        """dL/dx of the last forward's x, from g = dL/dlogits."""


@runtime_checkable
class Buffered(Protocol):
    """A model that can hand out passes with work buffers."""

    def passes(self, rows: int) -> Pass:
        """A pass for up to `rows` rows a call."""


class VjpPass:
    """The pass of any model, by its own vjp."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def forward(self, x: Array) -> Array:
        """Logits of x."""
        logits, self._pull = self._model.vjp(x)
        return logits

    def backward(self, g: Array) -> Array:
        """dL/dx of the last forward's x."""
        return self._pull(g)


def passes(model: Model, rows: int) -> Pass:
    """The model's buffered pass where it has one, else its vjp."""
    return model.passes(rows) if isinstance(model, Buffered) else VjpPass(model)
