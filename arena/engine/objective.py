"""A loss of one model at given labels, with its gradient in the rows: one forward serves logits, loss and gradient."""

from __future__ import annotations

from arena.engine.arrays import Array, Labels
from arena.engine.losses import Loss
from arena.engine.model import Model, passes


class Objective:
    """Called with rows x (n, d) and labels y (n,), gives logits, losses (n,) and dL/dx; buffers are reused between calls."""

    def __init__(self, model: Model, loss: Loss, rows: int) -> None:
        self._pass = passes(model, rows)
        self._loss = loss

    def logits(self, x: Array) -> Array:
        """Logits alone; valid until the next call."""
        return self._pass.forward(x)

    def __call__(self, x: Array, y: Labels) -> tuple[Array, Array, Array]:
        """Logits, losses and gradient; valid until the next call."""
        z = self._pass.forward(x)
        values, g = self._loss.value_and_grad(z, y)
        return z, values, self._pass.backward(g)
