"""Policy gradients on our own engine: a policy learns in NumPy, for everyone who lacks PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from arena.checks import not_negative, positive, share, whole
from arena.engine import Adam, Loss, MeanSquaredError, Sequential, mlp
from arena.engine.arrays import Array
from arena.engine.parameters import flatten, weight_gradients
from arena.engine.threads import one_blas_thread
from arena.learning.drawing import Choice, Drawing, Push


@dataclass(frozen=True, eq=False)
class Stage:
    """Where a training stands: the policy, and how many questions it has cost."""

    policy: Sequential
    questions: int


@dataclass(frozen=True, kw_only=True)
class Reinforce:
    """REINFORCE with a learned baseline: `envs` episodes at once in rollouts of `horizon` steps, an update of Adam after each.

    `discount` is how much a later reward counts; `entropy` keeps a choice between actions from settling early, `spread` is the
    deviation of actions that are numbers.
    """

    envs: int = 256
    horizon: int = 16
    hidden: tuple[int, ...] = (128,)
    learning_rate: float = 2e-3
    discount: float = 0.9
    entropy: float = 0.01
    spread: float = 1.0

    def __post_init__(self) -> None:
        whole("envs", self.envs)
        whole("horizon", self.horizon)
        positive("learning_rate", self.learning_rate)
        share("discount", self.discount)
        not_negative("entropy", self.entropy)
        positive("spread", self.spread)

    def train(self, course: Any, rng: Generator) -> Iterator[Stage]:
        """Play and learn for as long as the caller asks for more; `course` is an environment's."""
        craft, classes = course.craft, course.host.scenario.dataset.classes
        drawing: Drawing = Choice(craft.actions, self.entropy) if craft.actions else Push(craft.features, self.spread)
        episodes = course.episodes(self.envs)
        episodes.begin(range(self.envs), rng)
        sizes = (craft.length(classes), *self.hidden)
        policy, critic = (_Learner(mlp((*sizes, k), rng=rng), self.learning_rate) for k in (drawing.width, 1))
        asked = 0
        while True:
            with one_blas_thread():  # a product on two threads rounds otherwise than on one
                played = _rollout(course, episodes, policy.model, drawing, self.horizon, rng)
                self._learn(policy, critic, drawing, played)
            asked += self.envs * self.horizon
            yield Stage(policy.model, asked)

    def _learn(self, policy: _Learner, critic: _Learner, drawing: Drawing, played: list[Any]) -> None:
        """One update of either network on a rollout."""
        seen, actions, rewards, ends = played
        values = critic.model.logits(seen.reshape(-1, seen.shape[-1])).reshape(seen.shape[:2])
        returns = _returns(rewards, ends, values[-1], self.discount)
        advantages = (returns - values[:-1]).ravel()
        advantages = (advantages - advantages.mean()) / (advantages.std() + np.float32(1e-8))
        x = seen[:-1].reshape(-1, seen.shape[-1])
        policy.step(x, actions.reshape(rewards.size, *actions.shape[2:]), drawing.loss(advantages))
        critic.step(x, returns.reshape(-1, 1), MeanSquaredError())


class _Learner:
    """A network and the optimiser that moves it."""

    def __init__(self, network: Sequential, learning_rate: float) -> None:
        self.model, theta, self._gradient = flatten(network)
        self._step = Adam(learning_rate=learning_rate).start(theta)

    def step(self, x: Array, y: Any, loss: Loss) -> None:
        """One update on the mean loss of a batch."""
        weight_gradients(self.model, x, y, loss, None, self._gradient)
        self._step(self._gradient.theta, 1.0)


def _rollout(
    course: Any, episodes: Any, policy: Sequential, drawing: Drawing, horizon: int, rng: Generator
) -> list[Any]:
    """Observations (t + 1, n, k), actions (t, n) or (t, n, d), rewards and ends (t, n)."""
    seen, actions, rewards, ends = [episodes.observe()], [], [], []
    for _ in range(horizon):
        chosen = drawing.draw(policy.logits(seen[-1]), rng)
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
