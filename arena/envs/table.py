"""Both seats of one match, for PettingZoo (extra `rl`): in turn as the script has it, or both at once before it is played."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from arena.checks import not_negative, one_of, whole
from arena.engine.arrays import Array
from arena.envs.acting import playing
from arena.envs.knobs import KNOBS, Recipe, Workshop, knobs
from arena.envs.rounds import Rounds
from arena.errors import InvalidValue

try:
    from pettingzoo import AECEnv, ParallelEnv
except ImportError as error:
    raise InvalidValue("a table for two needs PettingZoo: python -m pip install '.[rl]'") from error

AGENTS = ["defender_0", "attacker_0"]  # in the order of their turns


class Table(AECEnv):  # type: ignore[misc]  # the library is not always there to be read
    """The full alternating match: the defender trains on and deploys, the attacker answers, each by five knobs in [-1, 1].

    The attacker is paid the share of the field that the network then misreads, the defender the share that it reads, less
    `cost` times the share of the most attack steps that it trained with. `scenario` is a white-box game of two rounds or more.
    """

    def __init__(
        self, *, scenario: str = "white-box(rounds=3)", data: str = "digits", epochs: int = 4, cost: float = 0.1,
        rehearsal: bool = True, render_mode: str | None = None,
    ) -> None:  # fmt: skip
        whole("epochs", epochs)
        not_negative("cost", cost)
        one_of("render_mode", render_mode or "ansi", ("rgb_array", "ansi"))
        super().__init__()
        self.metadata = {
            "name": "arena_table_v0",
            "render_modes": ["rgb_array", "ansi"],
            "is_parallelizable": False,
            "render_fps": 1,
        }
        self._rounds, self._cost = Rounds(scenario, data, rehearsal, Workshop(epochs=epochs)), cost
        self.possible_agents, self.render_mode = list(AGENTS), render_mode
        self.agents: list[str] = []
        self.observation_spaces = {a: spaces.Box(-1, 1, (self._rounds.length,), np.float32) for a in AGENTS}
        self.action_spaces = {a: spaces.Box(-1, 1, (KNOBS,), np.float32) for a in AGENTS}
        self._rng = np.random.default_rng()

    def observation_space(self, agent: str) -> Any:
        """The same for both: what both know."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Five knobs for either."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """A new match."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._rounds.begin(int(self._rng.integers(2**31)))
        self.agents = list(AGENTS)
        self.rewards, self._cumulative_rewards = dict.fromkeys(AGENTS, 0.0), dict.fromkeys(AGENTS, 0.0)
        self.terminations, self.truncations = dict.fromkeys(AGENTS, False), dict.fromkeys(AGENTS, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in AGENTS}
        self.agent_selection, self._recipe = AGENTS[0], np.zeros(KNOBS, np.float32)

    def observe(self, agent: str) -> Array:
        """What both know."""
        return self._rounds.observe()

    def step(self, action: Array | None) -> None:
        """The move of the agent whose turn it is."""
        playing(bool(self.agents))
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        assert action is not None  # only a dead agent makes no move
        if agent == "defender_0":
            self._rounds.defend(action)
            self._recipe, self.agent_selection = action, "attacker_0"
        else:
            self._rounds.attack(action)
            self.rewards = rewards(self._rounds, self._recipe, self._cost)
            self.terminations = dict.fromkeys(AGENTS, self._rounds.ended)
            self.agent_selection = "defender_0"
        self._accumulate_rewards()

    def render(self) -> Any:
        """The last attacked digit and its scores: pixels (h, w, 3) uint8; or the accuracies so far, as text."""
        if self.render_mode is None:
            return None
        return self._rounds.told() if self.render_mode == "ansi" else self._rounds.drawn()

    def close(self) -> None:
        """Nothing to close."""


class SimultaneousTable(ParallelEnv):  # type: ignore[misc]  # the library is not always there to be read
    """The same match where neither sees the other's knobs of the round before its own are set; the parameters are Table's."""

    def __init__(self, **options: Any) -> None:
        self._table = Table(**options)
        self.metadata, self.render_mode = {**self._table.metadata, "name": "arena_simultaneous_table_v0"}, None
        self.possible_agents = list(AGENTS)
        self.agents: list[str] = []
        self.observation_spaces, self.action_spaces = self._table.observation_spaces, self._table.action_spaces

    def observation_space(self, agent: str) -> Any:
        """The same for both: what both know."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """Five knobs for either."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], Any]:
        """A new match."""
        self._table.reset(seed=seed)
        self.agents = list(AGENTS)
        return self._seen(), {agent: {} for agent in AGENTS}

    def step(self, actions: dict[str, Array]) -> tuple[dict[str, Any], ...]:
        """One round."""
        playing(bool(self.agents))
        if set(actions) != set(AGENTS):
            raise InvalidValue(f"both agents act, {' and '.join(AGENTS)}; got actions of {sorted(actions) or 'nobody'}")
        chosen = {agent: knobs(actions[agent]) for agent in AGENTS}  # neither moves where the other's cannot be read
        for agent in AGENTS:
            self._table.step(chosen[agent])
        table = self._table
        if table.terminations[AGENTS[0]]:
            self.agents = []
        infos: dict[str, dict[str, Any]] = {agent: {} for agent in AGENTS}
        return self._seen(), dict(table.rewards), dict(table.terminations), dict(table.truncations), infos

    def render(self) -> Any:
        """As Table does."""
        return self._table.render()

    def close(self) -> None:
        """Nothing to close."""

    def _seen(self) -> dict[str, Any]:
        return {agent: self._table.observe(agent) for agent in AGENTS}


def rewards(played: Rounds, recipe: Array, cost: float) -> dict[str, float]:
    """What the last round pays either side."""
    kept = played.accuracies[-1]
    return {"defender_0": kept - cost * Recipe.of(recipe).cost, "attacker_0": 1 - kept}


def env(**options: Any) -> Any:
    """The alternating table, with PettingZoo's checks of the order of calls."""
    from pettingzoo.utils.wrappers import OrderEnforcingWrapper

    return OrderEnforcingWrapper(raw_env(**options))


def raw_env(**options: Any) -> Table:
    """The alternating table."""
    return Table(**options)


def parallel_env(**options: Any) -> SimultaneousTable:
    """The simultaneous table."""
    return SimultaneousTable(**options)
