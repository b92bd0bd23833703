"""Multinomial logistic regression in float64, solved to the end, and how its validation loss answers to one training row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena.engine.arrays import Array, Indices, Labels


@dataclass(frozen=True, eq=False)
class Logistic:
    """Minimises mean cross-entropy + lam / 2 |theta|², bias included; theta (classes, d + 1), the bias last."""

    theta: Array
    lam: float

    @classmethod
    def fitted(cls, x: Array, y: Labels, classes: int, lam: float, start: Array | None = None) -> Logistic:
        """The minimum, by Newton steps with halving."""
        rows, theta = extended(x), np.zeros((classes, x.shape[1] + 1)) if start is None else start.copy()
        for _ in range(100):
            gradient = _gradient(theta, rows, y, lam)
            if np.abs(gradient).max() < 1e-13:
                break
            step = np.linalg.solve(_hessian(theta, rows, lam), gradient.ravel()).reshape(theta.shape)
            size, here = 1.0, _objective(theta, rows, y, lam)
            while _objective(theta - size * step, rows, y, lam) > here + 1e-15 and size > 1e-6:
                size /= 2
            theta = theta - size * step
        return cls(theta, lam)

    def loss(self, x: Array, y: Labels) -> float:
        """Mean cross-entropy, without the penalty."""
        return _objective(self.theta, extended(x), y, 0.0)

    def influence(self, x: Array, y: Labels, held_x: Array, held_y: Labels, poison: Indices) -> Array:
        """The gradient (k, d) of the mean loss on held-out rows, after refitting, in the rows `poison` (k,) of x (n, d).

        Implicit differentiation: s = H⁻¹ grad L_held, then -1/n times the gradient of <s, grad l(x_p, y_p)> in x_p
        (Koh & Liang, 2017, arXiv:1703.04730; the closed form for softmax).
        """
        rows = extended(x)
        aim = _gradient(self.theta, extended(held_x), held_y, 0.0)
        s = np.linalg.solve(_hessian(self.theta, rows, self.lam), aim.ravel()).reshape(aim.shape)
        own = rows[poison]
        p = softmax(own @ self.theta.T)
        along = own @ s.T
        through = p * (along - (p * along).sum(axis=1, keepdims=True))
        error = p - np.eye(len(s))[y[poison]]
        return -(error @ s[:, :-1] + through @ self.theta[:, :-1]) / len(x)


def extended(x: Array) -> Array:
    """The rows with a one at the end, in float64."""
    return np.concatenate([np.asarray(x, np.float64), np.ones((len(x), 1))], axis=1)


def softmax(z: Array) -> Array:
    """Probabilities (n, classes)."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _objective(theta: Array, rows: Array, y: Labels, lam: float) -> float:
    z = rows @ theta.T
    z = z - z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return float(losses.mean() + lam / 2 * (theta**2).sum())


def _gradient(theta: Array, rows: Array, y: Labels, lam: float) -> Array:
    error = softmax(rows @ theta.T) - np.eye(len(theta))[y]
    return error.T @ rows / len(rows) + lam * theta


def _hessian(theta: Array, rows: Array, lam: float) -> Array:
    """(K (d + 1), K (d + 1)): block (a, b) is the mean of p_a ([a = b] - p_b) x xᵀ, plus lam on the diagonal."""
    p = softmax(rows @ theta.T)
    k, d = theta.shape
    blocks = np.empty((k, d, k, d))
    for a in range(k):
        for b in range(a, k):
            weight = p[:, a] * ((a == b) - p[:, b])
            blocks[a, :, b, :] = (rows * weight[:, None]).T @ rows / len(rows)
            blocks[b, :, a, :] = blocks[a, :, b, :].T
    return blocks.reshape(k * d, k * d) + lam * np.eye(k * d)
