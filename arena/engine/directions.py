"""Where a loss rises, at fixed labels: what an ascent asks for at every step, in buffers made once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import exp, minimum, subtract

from arena.engine.arrays import Array, Labels

if TYPE_CHECKING:
    from arena.engine.losses import Loss

_FAR = 30  # logits: exp(30) is far from overflow even when it is squared and summed


class Direction:
    """A loss at fixed labels for steps whose length is given; the notes are the caller's, a slope valid until the next call."""

    def __init__(self, loss: Loss, y: Labels) -> None:
        self._loss, self._y = loss, y

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """A note (n,) of each row's loss, and a positive multiple of its gradient (n, classes)."""
        return self._loss.value_and_grad(z, self._y)

    def values(self, notes: Array, z: Array) -> Array:
        """The losses (…, n) behind notes of logits z (…, n, classes)."""
        return notes


class Odds(Direction):
    """Cross-entropy's direction, exp(z_j - z_y) of the rivals and minus their sum at the label, in buffers.

    That sum is the note, for log(1 + sum) is the loss.
    """

    def __init__(self, loss: Loss, y: Labels, like: Array) -> None:
        super().__init__(loss, y)
        classes, (p, label, most) = like.shape[1], np.empty((3, *like.shape), like.dtype)
        own = np.arange(0, like.size, classes) + y
        owns = own.repeat(classes).reshape(like.shape)  # in all columns: NumPy is slow to broadcast
        most.fill(_FAR)
        most.put(own, -np.inf)  # the label's own exponential is 0
        self._buffers = owns, label, most, p, p.reshape(-1), own, _minus(classes, like.dtype)

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """Minus the sums of the rivals' odds (n,), and the direction."""
        owns, label, most, p, flat, own, minus = self._buffers
        z.take(owns, None, label, "clip")
        exp(minimum(subtract(z, label, p), most, out=p), p)
        flat[own] = sums = p.dot(minus)
        return sums, p

    def values(self, notes: Array, z: Array) -> Array:
        """log(1 + sum); where that reaches the farthest that odds go, the loss itself."""
        values = np.log1p(-notes)
        if not values.max(initial=0) < _FAR:
            far = np.nonzero(values >= _FAR)
            values[far] = self._loss.values(z[far], self._y[far[-1]])
        return values


@lru_cache(maxsize=64)
def _minus(classes: int, dtype: np.dtype[Any]) -> Array:
    """Minus ones, to sum by a product."""
    minus = np.full(classes, -1, dtype)
    minus.flags.writeable = False
    return minus


class Lead(Direction):
    """Between's direction: a constant slope."""

    def __init__(self, loss: Loss, y: Labels, slope: Array) -> None:
        super().__init__(loss, y)
        self._rows, self._slope = np.arange(len(y)), slope

    def __call__(self, z: Array) -> tuple[Array, Array]:
        """The leads (n,), and the slope."""
        return z[self._rows, self._y[:, 1]] - z[self._rows, self._y[:, 0]], self._slope.copy()
