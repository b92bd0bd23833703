"""A loss of one model at given labels, with its gradient in the rows: one forward serves logits, loss and gradient."""

from __future__ import annotations

from arena.engine.arrays import Array, Labels, finite
from arena.engine.directions import Direction
from arena.engine.losses import Loss
from arena.engine.model import Model, passes


class Objective:
    """Called with rows x (n, d), gives logits, losses (n,) and dL/dx at the labels last set; the gradient's buffer is reused."""

    def __init__(self, model: Model, loss: Loss) -> None:
        self._pass = passes(model)
        self._loss = loss

    def at(self, y: Labels) -> None:
        """Set the labels (n,) of the rows to come."""
        self._y: Labels = y
        self._direction: Direction | None = None  # made by the first logits, which bring their dtype

    def note(self, x: Array) -> tuple[Array, Array, Array]:
        """Logits, notes (n,) of the losses, and where these rise in the logits, valid until the next call."""
        z = self._pass.forward(x)
        note, g = (self._direction or self._begun(z))(z)
        return z, note, g

    def direction(self, x: Array) -> tuple[Array, Array, Array]:
        """Logits, notes (n,) of the losses and, until the next call, a positive multiple of each gradient, finite or not."""
        z = self._pass.forward(x)
        note, g = (self._direction or self._begun(z))(z)
        return z, note, self._pass.backward(g)

    def _begun(self, z: Array) -> Direction:
        self._direction = self._loss.direction(self._y, z)
        return self._direction

    def values(self, notes: Array, z: Array) -> Array:
        """The losses (…, n) behind any number of notes, and of the logits (…, n, classes) they were taken of."""
        assert self._direction is not None  # a note was taken
        return self._direction.values(notes, z)

    def __call__(self, x: Array) -> tuple[Array, Array, Array]:
        """Logits, losses and, valid until the next call, the gradient, zero where it is not finite."""
        z = self._pass.forward(x)
        values, g = self._loss.value_and_grad(z, self._y)
        return z, values, finite(self._pass.backward(g))
