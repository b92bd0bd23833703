"""How a policy's output becomes an action, and what moves the output towards actions that paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from arena.engine import Loss
from arena.engine.arrays import Array, Indices, Labels


class Drawing(Protocol):
    """A family of distributions over actions, of which a policy gives the parameters."""

    @property
    def width(self) -> int:
        """How many parameters there are."""

    def draw(self, z: Array, rng: Generator) -> Any:
        """Actions, one a row of parameters z (n, width)."""

    def loss(self, advantages: Array) -> Loss:
        """The loss of z at the actions drawn, whose descent makes those of high advantage (n,) likelier."""


@dataclass(frozen=True)
class Choice:
    """One of `width` actions, drawn by softmax(z); `entropy` keeps the policy from settling early."""

    width: int
    entropy: float = 0.0

    def draw(self, z: Array, rng: Generator) -> Indices:
        """Actions (n,)."""
        return sampled(z, rng.random(z.shape, np.float32))

    def loss(self, advantages: Array) -> Loss:
        """The policy gradient of a choice."""
        return PolicyGradient(advantages, self.entropy)


@dataclass(frozen=True)
class Push:
    """A number for each of `width` features, normal around z with deviation `spread`."""

    width: int
    spread: float = 1.0

    def draw(self, z: Array, rng: Generator) -> Array:
        """Actions (n, width)."""
        return z + np.float32(self.spread) * rng.standard_normal(z.shape, np.float32)

    def loss(self, advantages: Array) -> Loss:
        """The policy gradient of a normal distribution."""
        return NormalGradient(advantages, self.spread)


@dataclass(frozen=True, eq=False)
class PolicyGradient(Loss):
    """-A log π(a) - β H(π) of the actions y = a (n,) taken with advantages A (n,) (Williams, 1992); β = `entropy`."""

    advantages: Array
    entropy: float

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values and A (π - e_a) + β π (log π + H)."""
        log_p = log_softmax(z)
        p, rows = np.exp(log_p), np.arange(len(z))
        h = -(p * log_p).sum(axis=1)
        g = self.advantages[:, None] * p
        g[rows, y] -= self.advantages
        g += z.dtype.type(self.entropy) * p * (log_p + h[:, None])
        return -self.advantages * log_p[rows, y] - z.dtype.type(self.entropy) * h, g


@dataclass(frozen=True, eq=False)
class NormalGradient(Loss):
    """-A log N(a; z, σ² I), up to a constant, of actions y = a (n, d) taken with advantages A (n,) (Williams, 1992)."""

    advantages: Array
    spread: float

    def value_and_grad(self, z: Array, y: Any) -> tuple[Array, Array]:
        """Values A |z - a|² / 2σ² and gradients A (z - a) / σ²."""
        off = (z - y) / z.dtype.type(self.spread)
        g = self.advantages[:, None] * off / z.dtype.type(self.spread)
        return self.advantages * np.einsum("ij,ij->i", off, off) / 2, g


def sampled(z: Array, u: Array) -> Indices:
    """An action (n,) drawn from softmax(z), z (n, actions), by numbers u in [0, 1) of the same shape (Gumbel's way)."""
    return (z - np.log(-np.log(np.clip(u, 1e-12, 1 - 1e-7)))).argmax(axis=1)


def log_softmax(z: Array) -> Array:
    """The logarithms of softmax(z), row by row."""
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
