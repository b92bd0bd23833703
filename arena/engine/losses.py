"""Losses of logits: per-sample values with analytic dL/dlogits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive

from arena.engine.arrays import Array, Labels
from arena.engine.directions import Direction, Lead, Odds


class Loss(ABC):
    """A loss of logits z (n, classes) at labels y (n,); called, it gives values (n,) and can stand on the tape."""

    @abstractmethod
    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values (n,) and their gradient in z (n, classes), both in z's dtype."""

    def values(self, z: Array, y: Labels) -> Array:
        """Values (n,) alone."""
        return self.value_and_grad(z, y)[0]

    def direction(self, y: Labels, like: Array) -> Direction:
        """Where the loss rises at fixed labels, for logits shaped like `like`."""
        return Direction(self, y)

    def __call__(self, z: Array, y: Labels) -> Array:
        """Values (n,), differentiable by autograd."""
        return _values(self, z, y)


@primitive  # type: ignore[untyped-decorator]  # autograd ships no types
def _values(loss: Loss, z: Array, y: Labels) -> Array:
    return loss.values(z, y)


defvjp(_values, None, lambda ans, loss, z, y: lambda g: anp.expand_dims(g, 1) * loss.value_and_grad(z, y)[1])


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """-log softmax(z)_y, by a shifted log-softmax; dL/dz = softmax(z) - e_y.

    The label's entry is minus the sum of the others, and the value is a log1p: both keep their digits on a row that is read
    right by far, where softmax(z)_y - 1 and log(1 + tiny) would round to 0.
    """

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values and softmax(z) - e_y."""
        values, p, rest = self._shifted(z, y)
        p.put(z.argmax(axis=1) + np.arange(0, z.size, z.shape[1]), 1)
        p /= (1 + rest)[:, None]
        rows = np.arange(len(z))
        p[rows, y] = 0
        p[rows, y] = -p.dot(np.ones(z.shape[1], z.dtype))
        return values, p

    def values(self, z: Array, y: Labels) -> Array:
        """Values (n,) alone."""
        return self._shifted(z, y)[0]

    def _shifted(self, z: Array, y: Labels) -> tuple[Array, Array, Array]:
        """Values, exp(z - max z) without the maximum's 1, and the sums of its rows."""
        y, starts = _columns(y, z), np.arange(0, z.size, z.shape[1])
        best = z.argmax(axis=1) + starts
        p = z - z.take(best)[:, None]  # the maximum, three times faster than by max
        own = p.take(starts + y)
        np.exp(p, out=p)
        p.put(best, 0)
        rest = p.dot(np.ones(z.shape[1], z.dtype))
        return np.log1p(rest) - own, p, rest

    def direction(self, y: Labels, like: Array) -> Direction:
        """(softmax(z) - e_y) / softmax(z)_y; rivals more than 30 logits ahead of the label count alike."""
        return Odds(self, _columns(y, like), like)


@dataclass(frozen=True)
class Margin(Loss):
    """max_{j != y} z_j - z_y (Carlini & Wagner, 2017, arXiv:1608.04644): positive exactly where z misreads y."""

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values, and +1 at the strongest rival, -1 at y."""
        y = _columns(y, z)
        rows, rival = np.arange(len(z)), _rival(z, y)
        g = np.zeros_like(z)
        g[rows, rival] = 1
        g[rows, y] -= 1
        return z[rows, rival] - z[rows, y], g


@dataclass(frozen=True)
class Between(Loss):
    """z_t - z_y, with y (n, 2) holding a row's label y and its own target t: positive only where z misreads the label."""

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values, and +1 at t, -1 at y."""
        g, rows = self._slope(y, z), np.arange(len(z))
        return z[rows, y[:, 1]] - z[rows, y[:, 0]], g

    def direction(self, y: Labels, like: Array) -> Direction:
        """The gradient is the same at every point."""
        return Lead(self, y, self._slope(y, like))

    def _slope(self, y: Labels, like: Array) -> Array:
        y = _columns(y, like)
        rows, g = np.arange(len(y)), np.zeros_like(like)
        g[rows, y[:, 1]] += 1
        g[rows, y[:, 0]] -= 1
        return g


@dataclass(frozen=True)
class DLR(Loss):
    """-(z_y - max_{j != y} z_j) / (z_(1) - z_(3)) (Croce & Hein, 2020, arXiv:2003.01690); Margin below 3 classes."""

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values and (dn d - n dd) / d², with n the margin and d = z_(1) - z_(3) + 1e-12."""
        n, dn = Margin().value_and_grad(z, y)
        if z.shape[1] < 3:
            return n, dn
        rows, order = np.arange(len(z)), np.argsort(-z, axis=1, kind="stable")
        first, third = order[:, 0], order[:, 2]
        d = z[rows, first] - z[rows, third] + z.dtype.type(1e-12)
        dn /= d[:, None]
        slope = n / d**2
        dn[rows, first] -= slope
        dn[rows, third] += slope
        return n / d, dn


@dataclass(frozen=True)
class MeanSquaredError(Loss):
    """Mean over outputs of (z - t)², with t the targets (n, outputs), or one-hot where y holds labels."""

    def value_and_grad(self, z: Array, y: Labels | Array) -> tuple[Array, Array]:
        """Values and 2 (z - t) / outputs."""
        if y.ndim == 1:
            y = _columns(y, z)
        residual = z - (np.eye(z.shape[1], dtype=z.dtype)[y] if y.ndim == 1 else y)
        return np.square(residual).mean(axis=1), residual * z.dtype.type(2 / z.shape[1])


@dataclass(frozen=True)
class Towards(Loss):
    """Minus the loss at a target label: what a targeted attack ascends."""

    loss: Loss
    target: int

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Minus values and gradient of the loss at the target."""
        values, g = self.loss.value_and_grad(z, np.full_like(y, self.target))
        return -values, -g


def _columns(y: Labels | Array, z: Array) -> Labels:
    """Integer labels as column numbers of z; those that are none are refused: a negative one would count from the end."""
    if y.dtype.kind not in "iu":
        raise ValueError(f"y must hold integer labels; got dtype {y.dtype}: use y.astype(int) if they are whole")
    columns = y.astype(np.intp, copy=False)
    if y.size and columns.view(np.uintp).max() >= z.shape[1]:
        bad = int(y.min()) if y.min() < 0 else int(y.max())
        raise ValueError(f"y must hold labels in 0..{z.shape[1] - 1}; got {bad}")
    return columns


def _rival(z: Array, y: Labels) -> Labels:
    others = z.copy()
    others[np.arange(len(z)), y] = -np.inf
    return others.argmax(axis=1)
