"""PPO of Stable-Baselines3 (extra `rl`) on the vector environment's own episodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from arena.engine.arrays import Array
from arena.envs.attackers import Course
from arena.errors import InvalidValue
from arena.learning.policies import read_sb3
from arena.learning.reinforce import Stage

try:
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecEnv
except ImportError as error:
    raise InvalidValue(
        "ppo needs Stable-Baselines3: python -m pip install '.[rl]', or use --algorithm reinforce"
    ) from error

EVERY = 16_384  # questions between two stages


class Benches(VecEnv):  # type: ignore[misc]  # the library is not always there to be read
    """N examples at once as Stable-Baselines3 wants them: an ended episode begins anew in the same step."""

    def __init__(self, course: Course, n: int) -> None:
        self.render_mode = None
        super().__init__(n, course.observations, course.actions)
        self._course, self._rng = course, np.random.default_rng()

    def seed(self, seed: int | None = None) -> list[int | None]:
        """The stream of the next reset."""
        self._rng = np.random.default_rng(seed)
        return [seed] * self.num_envs

    def reset(self) -> Array:
        """Fresh examples everywhere."""
        self._episodes = self._course.episodes(self.num_envs)
        self._episodes.begin(np.arange(self.num_envs), self._rng)
        return self._episodes.observe()

    def step_async(self, actions: Any) -> None:
        """Keep the actions for step_wait."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, ...]:
        """Observations, rewards, ends and infos."""
        episodes = self._episodes
        gains = episodes.advance(self._actions)
        fooled, spent = episodes.state.fooled, episodes.state.spent
        rewards, over = self._course.rewards(gains, fooled), fooled | spent
        infos: list[dict[str, Any]] = [{} for _ in over]
        ended = np.flatnonzero(over).tolist()
        last = episodes.observe() if ended else None
        for slot in ended:
            assert last is not None  # there is an end
            infos[slot] = {"terminal_observation": last[slot], "TimeLimit.truncated": not bool(fooled[slot])}
        episodes.begin(ended, self._rng)
        return episodes.observe(), rewards.astype(np.float32), over, infos

    def close(self) -> None:
        """Nothing to close."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The attribute, once an environment."""
        return [getattr(self, attr_name)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refused: nothing in a game under way is the learner's to set."""
        raise NotImplementedError(f"a game under way has nothing to set; asked for {attr_name}")

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Refused: the games are rows of arrays here, no environments with methods."""
        raise NotImplementedError(f"these games are rows of arrays and have no methods; asked for {method_name}")

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        """Never."""
        return [False] * self.num_envs


def train(course: Course, seed: int, keep: Path | None = None) -> Iterator[Stage]:
    """Play and learn for as long as the caller asks for more; `keep` is where the library's own zip is written each time."""
    torch.set_num_threads(1)  # products this small: a second thread costs more than it saves
    agent = PPO(
        "MlpPolicy", Benches(course, 64), n_steps=64, batch_size=512, n_epochs=4, learning_rate=1e-3, gamma=0.9,
        gae_lambda=0.9, ent_coef=0.01, policy_kwargs={"net_arch": [128]}, seed=seed, device="cpu",
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        path = keep or Path(folder) / "policy.zip"
        while True:
            agent.learn(EVERY, reset_num_timesteps=False)
            agent.save(path)
            yield Stage(read_sb3(path), int(agent.num_timesteps))
