"""The defender's environment: a match of several rounds, in each of which the agent says how the network is trained on."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from arena.checks import not_negative, whole
from arena.engine.arrays import Array
from arena.envs.knobs import KNOBS, Recipe, Workshop
from arena.envs.opponents import Mixture, Opponent
from arena.envs.rounds import Rounds

Info = dict[str, Any]


class Defender(gym.Env[Array, Array]):
    """Each round choose the training mixture: attack radius and steps, noise, dropout, κ of spectral normalisation.

    The reward is the accuracy under the opponent's attack on a field that nobody trained on, less `cost` times the share of
    the most attack steps. `opponent` is an attacker's spec, a mixture {spec: probability} drawn from for every episode, or
    the path of a run; `scenario` a white-box game of two rounds or more; `epochs` is trained in each.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array", "ansi"], "render_fps": 1}  # type: ignore[misc]  # gymnasium's is an instance's

    def __init__(
        self, *, scenario: str = "white-box(rounds=5)", data: str = "digits", opponent: Opponent = "pgd(steps=10)",
        epochs: int = 4, cost: float = 0.1, rehearsal: bool = True, render_mode: str | None = None,
    ) -> None:  # fmt: skip
        whole("epochs", epochs)
        not_negative("cost", cost)
        self._rounds = Rounds(scenario, data, rehearsal, Workshop(epochs=epochs))
        self._mixture, self._cost = Mixture.of("attackers", opponent), cost
        self.observation_space = spaces.Box(-1, 1, (self._rounds.length,), np.float32)
        self.action_space = spaces.Box(-1, 1, (KNOBS,), np.float32)
        self.render_mode = render_mode

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """A new match against a newly drawn attacker."""
        super().reset(seed=seed)
        self._attacker = self._mixture.draw(self.np_random)
        self._rounds.begin(int(self.np_random.integers(2**31)))
        return self._rounds.observe(), {}

    def step(self, action: Array) -> tuple[Array, float, bool, bool, Info]:
        """Train on, deploy, be attacked."""
        self._rounds.defend(action)
        self._rounds.attack_by(self._attacker)
        accuracy = self._rounds.accuracies[-1]
        reward = accuracy - self._cost * Recipe.of(action).cost
        return self._rounds.observe(), float(reward), self._rounds.ended, False, {"attacked_accuracy": accuracy}

    def render(self) -> Any:
        """The last attacked digit and the accuracies so far: pixels (h, w, 3) uint8, or text."""
        if self.render_mode is None:
            return None
        return self._rounds.told() if self.render_mode == "ansi" else self._rounds.drawn()
