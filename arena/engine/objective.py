"""A loss of one model at given labels, with its gradient in the rows: one forward serves logits, loss and gradient."""

from __future__ import annotations

from arena.engine.arrays import Array, Labels
from arena.engine.losses import Evaluate, Loss
from arena.engine.model import Model, passes


class Objective:
    """Called with rows x (n, d), gives logits, losses (n,) and dL/dx at the labels last set; buffers are reused."""

    def __init__(self, model: Model, loss: Loss, rows: int) -> None:
        self._pass = passes(model, rows)
        self._loss = loss

    def at(self, y: Labels) -> None:
        """Set the labels (n,) of the rows to come."""
        self._y: Labels = y
        self._evaluate: Evaluate | None = None  # made by the first logits, which bring their dtype

    def logits(self, x: Array) -> Array:
        """Logits alone; valid until the next call."""
        return self._pass.forward(x)

    def values(self, z: Array) -> Array:
        """Losses (n,) of logits z; valid until the next call."""
        return self._at_labels(z)[0]

    def __call__(self, x: Array) -> tuple[Array, Array, Array]:
        """Logits, losses and gradient; valid until the next call."""
        z = self._pass.forward(x)
        values, g = self._at_labels(z)
        return z, values, self._pass.backward(g)

    def _at_labels(self, z: Array) -> tuple[Array, Array]:
        if self._evaluate is None:
            self._evaluate = self._loss.at(self._y, z)
        return self._evaluate(z)
