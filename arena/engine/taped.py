"""Any function written with autograd.numpy as a loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from autograd.core import make_vjp

from arena.engine.arrays import Array, Labels
from arena.engine.losses import Loss


@dataclass(frozen=True)
class Taped(Loss):
    """Any per-sample loss f(z, y) -> (n,) written with autograd.numpy."""

    function: Callable[[Array, Labels], Array]

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values and gradient by the tape."""
        pull, values = make_vjp(lambda logits: self.function(logits, y), z)
        if np.shape(values) != (len(z),):
            raise ValueError(
                f"a loss must return one value a row, shape ({len(z)},); got {np.shape(values)}: do not average"
            )
        return values, pull(np.ones_like(values)).astype(z.dtype, copy=False)


def as_loss(loss: Loss | Callable[[Array, Labels], Array]) -> Loss:
    """The loss itself, or a plain function as a taped loss."""
    return loss if isinstance(loss, Loss) else Taped(loss)
