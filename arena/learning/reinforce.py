"""Policy gradients on our own engine: a policy learns in NumPy, for everyone who lacks PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from arena.checks import not_negative, positive, share, whole
from arena.engine import Adam, Loss, MeanSquaredError, Sequential, mlp
from arena.engine.arrays import Array, Indices, Labels
from arena.engine.parameters import flatten, weight_gradients


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
class Stage:
    """Where a training stands: the policy, and how many questions it has cost."""

    policy: Sequential
    questions: int


@dataclass(frozen=True, kw_only=True)
class Reinforce:
    """REINFORCE with a learned baseline: `envs` episodes at once in rollouts of `horizon` steps, an update of Adam after each.

    `discount` is how much a later reward counts; `entropy` keeps the policy from settling early.
    """

    envs: int = 256
    horizon: int = 16
    hidden: tuple[int, ...] = (128,)
    learning_rate: float = 2e-3
    discount: float = 0.9
    entropy: float = 0.01

    def __post_init__(self) -> None:
        whole("envs", self.envs)
        whole("horizon", self.horizon)
        positive("learning_rate", self.learning_rate)
        share("discount", self.discount)
        not_negative("entropy", self.entropy)

    def train(self, course: Any, rng: Generator) -> Iterator[Stage]:
        """Play and learn for as long as the caller asks for more; `course` is an environment's, of discrete actions."""
        episodes = course.episodes(self.envs)
        episodes.begin(range(self.envs), rng)
        sizes = (course.craft.length(course.host.scenario.dataset.classes), *self.hidden)
        policy, critic = (_Learner(mlp((*sizes, k), rng=rng), self.learning_rate) for k in (course.craft.actions, 1))
        asked = 0
        while True:
            seen, actions, rewards, ends = _rollout(course, episodes, policy.model, self.horizon, rng)
            asked += actions.size
            values = critic.model.logits(seen.reshape(-1, seen.shape[-1])).reshape(seen.shape[:2])
            returns = _returns(rewards, ends, values[-1], self.discount)
            advantages = (returns - values[:-1]).ravel()
            advantages = (advantages - advantages.mean()) / (advantages.std() + np.float32(1e-8))
            x = seen[:-1].reshape(-1, seen.shape[-1])
            policy.step(x, actions.ravel(), PolicyGradient(advantages, self.entropy))
            critic.step(x, returns.reshape(-1, 1), MeanSquaredError())
            yield Stage(policy.model, asked)


class _Learner:
    """A network and the optimiser that moves it."""

    def __init__(self, network: Sequential, learning_rate: float) -> None:
        self.model, theta, self._gradient = flatten(network)
        self._step = Adam(learning_rate=learning_rate).start(theta)

    def step(self, x: Array, y: Any, loss: Loss) -> None:
        """One update on the mean loss of a batch."""
        weight_gradients(self.model, x, y, loss, None, self._gradient)
        self._step(self._gradient.theta, 1.0)


def _rollout(course: Any, episodes: Any, policy: Sequential, horizon: int, rng: Generator) -> list[Any]:
    """Observations (t + 1, n, k), actions, rewards and ends (t, n)."""
    n = len(episodes.state.x)
    seen, actions, rewards, ends = [episodes.observe()], [], [], []
    for _ in range(horizon):
        chosen = sampled(policy.logits(seen[-1]), rng.random((n, course.craft.actions), np.float32))
        gains = episodes.advance(chosen)
        fooled = episodes.state.fooled
        over = fooled | episodes.state.spent
        actions.append(chosen)
        rewards.append(course.rewards(gains, fooled).astype(np.float32))
        ends.append(over)
        episodes.begin(np.flatnonzero(over), rng)
        seen.append(episodes.observe())
    return [np.stack(part) for part in (seen, actions, rewards, ends)]


def _returns(rewards: Array, ends: Array, last: Array, discount: float) -> Array:
    """Discounted sums (t, n), cut where an episode ended, continued by the critic's `last` (n,) where the rollout did."""
    returns, after = np.empty_like(rewards), last
    for t in reversed(range(len(rewards))):
        after = rewards[t] + np.float32(discount) * np.where(ends[t], np.float32(0), after)
        returns[t] = after
    return returns


def sampled(z: Array, u: Array) -> Indices:
    """An action (n,) drawn from softmax(z), z (n, actions), by numbers u in [0, 1) of the same shape (Gumbel's way)."""
    return (z - np.log(-np.log(np.clip(u, 1e-12, 1 - 1e-7)))).argmax(axis=1)


def log_softmax(z: Array) -> Array:
    """The logarithms of softmax(z), row by row."""
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
