"""Optimisers and learning-rate schedules; all parameters of a network lie in one flat vector, updated in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from arena.checks import not_negative, positive, share
from arena.engine.arrays import Array

Step: TypeAlias = Callable[[Array, float], None]
Schedule: TypeAlias = Callable[[float], float]


class Optimiser(Protocol):
    """A rule that moves a parameter vector along its gradients."""

    def start(self, theta: Array) -> Step:
        """A function (gradient, factor) that updates `theta` in place, the learning rate multiplied by factor."""


@dataclass(frozen=True, kw_only=True)
class SGD:
    """theta -= rate v with v = momentum v + g + weight_decay theta."""

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        share("momentum", self.momentum)
        not_negative("weight_decay", self.weight_decay)

    def start(self, theta: Array) -> Step:
        """The update of one parameter vector."""
        velocity = np.zeros_like(theta)

        def step(g: Array, factor: float) -> None:
            velocity[:] *= self.momentum
            velocity[:] += g if self.weight_decay == 0 else g + self.weight_decay * theta
            theta[:] -= (self.learning_rate * factor) * velocity

        return step


@dataclass(frozen=True, kw_only=True)
class Adam:
    """Adam (Kingma & Ba, 2015, arXiv:1412.6980) with decoupled weight decay (arXiv:1711.05101)."""

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        share("beta1", self.beta1)
        share("beta2", self.beta2)
        not_negative("epsilon", self.epsilon)
        not_negative("weight_decay", self.weight_decay)

    def start(self, theta: Array) -> Step:
        """The update of one parameter vector."""
        m, v, t = np.zeros_like(theta), np.zeros_like(theta), 0

        def step(g: Array, factor: float) -> None:
            nonlocal t
            t += 1
            m[:] += (1 - self.beta1) * (g - m)
            v[:] += (1 - self.beta2) * (g * g - v)
            rate = self.learning_rate * factor
            if self.weight_decay:
                theta[:] *= 1 - rate * self.weight_decay
            corrected = np.sqrt(v / (1 - self.beta2**t)) + self.epsilon
            theta[:] -= (rate / (1 - self.beta1**t)) * m / corrected

        return step


def constant(progress: float) -> float:
    """Factor 1 throughout."""
    return 1.0


def linear(progress: float) -> float:
    """From 1 to 0 in a straight line."""
    return 1.0 - progress


def cosine(progress: float) -> float:
    """From 1 to 0 along half a cosine (Loshchilov & Hutter, 2017, arXiv:1608.03983)."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def steps(*milestones: float, factor: float = 0.1) -> Schedule:
    """Multiply by `factor` at each milestone, given as a share of the whole training."""
    return lambda progress: float(factor ** sum(progress >= milestone for milestone in milestones))
