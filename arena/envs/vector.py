"""The attacker's environments n at a time, in NumPy: every network in play is asked about all its examples at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from arena.checks import whole
from arena.engine.arrays import Array
from arena.envs.acting import begun, chosen, understood
from arena.envs.attackers import Course, Info
from arena.envs.episodes import Episodes
from arena.errors import InvalidValue


class VectorAttacker(VectorEnv[Array, Any, Any]):
    """N examples at once, with the parameters of the single environment; an ended episode begins anew at the next step."""

    metadata: ClassVar[dict[str, Any]] = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # type: ignore[misc]  # gymnasium's is an instance's
    kind: ClassVar[str]

    def __init__(
        self, *, num_envs: int = 1, max_episode_steps: int | None = None, render_mode: str | None = None, **options: Any
    ) -> None:
        whole("num_envs", num_envs)
        if render_mode is not None:
            raise InvalidValue("many examples at once are not drawn: render a single environment")
        self.num_envs, self.render_mode = num_envs, None
        if max_episode_steps is not None:
            whole("max_episode_steps", max_episode_steps)
        self._limit = max_episode_steps
        self.course = Course.of(self.kind, options)
        self.single_observation_space, self.single_action_space = self.course.observations, self.course.actions
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._episodes: Episodes | None = None
        self._over = np.zeros(num_envs, np.bool_)

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """Fresh examples everywhere, or where options["reset_mask"] (n,) says; with a seed, everything begins anew.

        One seed serves all: InvalidValue for a list of them.
        """
        if isinstance(seed, list):
            raise InvalidValue(f"the {self.num_envs} examples are drawn from one stream: give one seed; got {seed!r}")
        super().reset(seed=seed)
        mask = chosen(options, self.num_envs)
        if seed is not None or self._episodes is None:
            self._episodes, mask = self.course.episodes(self.num_envs), np.ones_like(mask)
        self._episodes.begin(np.flatnonzero(mask), self.np_random)
        self._over = self._over & ~mask
        return self._episodes.observe(), self._info()

    def step(self, actions: Any) -> tuple[Array, Any, Any, Any, Info]:
        """Act where an episode is on, begin a fresh one where it had ended."""
        episodes = begun(self._episodes)
        told = understood(actions, self.single_action_space, self.num_envs)
        fresh = self._over if self._over.any() else None
        if fresh is not None:
            episodes.begin(np.flatnonzero(fresh), self.np_random)
        gains = episodes.advance(told, fresh)
        fooled, spent = episodes.state.fooled, episodes.state.spent
        if self._limit is not None:
            spent = spent | (episodes.state.used >= self._limit)
        rewards = self.course.rewards(gains, fooled)
        if fresh is not None:
            rewards[fresh] = 0
        self._over = fooled | spent
        return episodes.observe(), rewards, fooled, spent & ~fooled, self._info()

    def _info(self) -> Info:
        assert self._episodes is not None  # reset made them
        state, everyone = self._episodes.state, np.ones(self.num_envs, np.bool_)
        return {"queries": state.used + 1, "_queries": everyone, "fooled": state.fooled, "_fooled": everyone.copy()}


class VectorEvasionAttacker(VectorAttacker):
    """EvasionAttacker, n at a time."""

    kind = "pixels"


class VectorQueryAttacker(VectorAttacker):
    """QueryAttacker, n at a time."""

    kind = "regions"
