"""Repeated play of a stored payoff table, n tables at a time: fast, for bandits and for learning in games."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.random import Generator

from arena.checks import one_of, whole
from arena.engine.arrays import Array, Indices
from arena.envs.acting import chosen, playing, understood
from arena.envs.opponents import payoff
from arena.errors import InvalidValue

Side: TypeAlias = Literal["attacker", "defender"]
Info: TypeAlias = dict[str, Any]
PENNIES = ((1.0, 0.0), (0.0, 1.0))
OPPONENTS = ("equilibrium", "uniform", "best-response")


class Repeated:
    """The table from the side of the one who learns, and what has been played at n tables.

    `table` is a matrix of attackers' payoffs, rows attackers, or the path of a run. The opponent draws from its equilibrium,
    plays "uniform", answers what it has seen so far ("best-response", as in fictitious play; Brown, 1951), or draws from
    the probabilities given.
    """

    def __init__(
        self,
        table: str | Sequence[Sequence[float]],
        side: Side,
        opponent: str | Sequence[float],
        rounds: int,
        n: int = 1,
    ) -> None:
        one_of("side", side, ("attacker", "defender"))
        whole("rounds", rounds, least=2)
        try:
            A = np.asarray(payoff(Path(table)).matrix if isinstance(table, str) else table, np.float64)
        except (TypeError, ValueError) as error:  # ragged, or no numbers
            raise InvalidValue(f"a payoff table is a matrix of finite numbers; {error}") from error
        if A.ndim != 2 or not A.size or not np.isfinite(A).all():
            raise InvalidValue(f"a payoff table is a matrix of finite numbers, rows attackers; got {table!r}")
        self.gains = A if side == "attacker" else -A.T
        self.rounds, self.mixture = rounds, _mixture(A, side, opponent)
        self.own, self.others = (np.zeros((n, k), np.intp) for k in self.gains.shape)
        self.last = np.zeros(n, np.intp)
        spread = np.ptp(self.gains) or 1.0
        self._seen = (2 * (self.gains - self.gains.min()) / spread - 1).ravel().astype(np.float32)

    @property
    def length(self) -> int:
        """How long an observation is."""
        rows, columns = self.gains.shape
        return rows * columns + rows + 2 * columns + 1

    @property
    def played(self) -> Indices:
        """The rounds played (n,)."""
        return self.own.sum(axis=1)

    def begin(self, tables: Any) -> None:
        """Forget what was played there."""
        self.own[tables], self.others[tables], self.last[tables] = 0, 0, 0

    def play(self, actions: Indices, tables: Indices, rng: Generator) -> Array:
        """One round at the tables (m,): the rewards (m,)."""
        answers = self._answers(tables, rng)
        self.own[tables, actions] += 1
        self.others[tables, answers] += 1
        self.last[tables] = answers
        return self.gains[actions, answers]

    def observe(self) -> Array:
        """Observations (n, length) in [-1, 1]: the table, both sides' frequencies, the opponent's last move, what is left."""
        played = self.played[:, None]
        so_far = np.maximum(played, 1)
        last = np.eye(self.gains.shape[1])[self.last] * (played > 0)
        past = np.concatenate([self.own / so_far, self.others / so_far, last, 1 - played / self.rounds], axis=1)
        table = np.broadcast_to(self._seen, (len(past), self._seen.size))
        return np.concatenate([table, 2 * past - 1], axis=1, dtype=np.float32)

    def _answers(self, tables: Indices, rng: Generator) -> Indices:
        if self.mixture is None:
            worst: Indices = (self.own[tables] @ self.gains).argmin(axis=1)
            return worst
        return np.searchsorted(np.cumsum(self.mixture)[:-1], rng.random(len(tables)), side="right")


def _mixture(A: Array, side: Side, opponent: str | Sequence[float]) -> Array | None:
    """The probabilities that the opponent draws from; None where it answers the past."""
    k = A.shape[1] if side == "attacker" else A.shape[0]
    if isinstance(opponent, str):
        one_of("opponent", opponent, OPPONENTS)
        if opponent == "best-response":
            return None
        if opponent == "uniform":
            return np.full(k, 1 / k)
        from results import solve

        solved = solve(A)
        return solved.defender if side == "attacker" else solved.attacker
    p = np.asarray(opponent, np.float64)
    if p.shape != (k,) or not (p >= 0).all() or not np.isclose(p.sum(), 1):
        raise InvalidValue(f"the opponent has {k} moves: give as many probabilities that sum to 1; got {opponent!r}")
    return p


class MetaGame(gym.Env[Array, Any]):
    """Play the same payoff table for `rounds` rounds; the reward is the attacker's payoff, or minus it for the defender.

    `table`, `side` and `opponent` as in `Repeated`.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array", "ansi"], "render_fps": 10}  # type: ignore[misc]  # gymnasium's is an instance's

    def __init__(
        self, *, table: str | Sequence[Sequence[float]] = PENNIES, side: Side = "attacker",
        opponent: str | Sequence[float] = "equilibrium", rounds: int = 100, render_mode: str | None = None,
    ) -> None:  # fmt: skip
        self.game = Repeated(table, side, opponent, rounds)
        self.observation_space = spaces.Box(-1, 1, (self.game.length,), np.float32)
        self.action_space = spaces.Discrete(len(self.game.gains))
        self.render_mode, self._on = render_mode, False

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """A fresh table."""
        super().reset(seed=seed)
        self.game.begin(slice(None))
        self._on = True
        return self.game.observe()[0], {}

    def step(self, action: Any) -> tuple[Array, float, bool, bool, Info]:
        """One round; the last one cuts the episode."""
        playing(self._on)
        reward = self.game.play(understood([action], self.action_space, 1), np.zeros(1, np.intp), self.np_random)
        self._on = bool(self.game.played[0] < self.game.rounds)
        return self.game.observe()[0], float(reward[0]), False, not self._on, {"answer": int(self.game.last[0])}

    def render(self) -> Any:
        """The table, and how often each move was made: pixels (h, w, 3) uint8, or text."""
        from arena.envs.pictures import matrix_drawn

        own, others = self.game.own[0], self.game.others[0]
        said = f"round {own.sum()}: own moves {own.tolist()}, the opponent's {others.tolist()}"
        if self.render_mode == "rgb_array":
            return matrix_drawn(self.game.gains, said, "the opponent's move", "own move")
        return f"{said}\n{self.game.gains}" if self.render_mode == "ansi" else None


class VectorMetaGame(VectorEnv[Array, Any, Any]):
    """MetaGame at n tables at once; an ended episode begins anew at the next step."""

    metadata: ClassVar[dict[str, Any]] = {"autoreset_mode": AutoresetMode.NEXT_STEP}  # type: ignore[misc]  # gymnasium's is an instance's

    def __init__(
        self, *, num_envs: int = 1, table: str | Sequence[Sequence[float]] = PENNIES, side: Side = "attacker",
        opponent: str | Sequence[float] = "equilibrium", rounds: int = 100, max_episode_steps: int | None = None,
    ) -> None:  # fmt: skip
        whole("num_envs", num_envs)
        if max_episode_steps is not None:
            whole("max_episode_steps", max_episode_steps)
        self.num_envs = num_envs
        self.game = Repeated(table, side, opponent, rounds, num_envs)
        self._limit = min(max_episode_steps or rounds, rounds)
        self.single_observation_space = spaces.Box(-1, 1, (self.game.length,), np.float32)
        self.single_action_space = spaces.Discrete(len(self.game.gains))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._over, self._on = np.zeros(num_envs, np.bool_), False

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """Fresh tables, everywhere or where options["reset_mask"] (n,) says."""
        super().reset(seed=seed)
        mask = chosen(options, self.num_envs)
        self.game.begin(mask)
        self._over = self._over & ~mask
        self._on = True
        return self.game.observe(), {}

    def step(self, actions: Any) -> tuple[Array, Any, Any, Any, Info]:
        """One round where an episode is on, a fresh table where it had ended."""
        playing(self._on)
        told = understood(actions, self.single_action_space, self.num_envs)
        on = ~self._over
        tables = np.flatnonzero(on)
        self.game.begin(self._over)
        rewards = np.zeros(self.num_envs)
        rewards[tables] = self.game.play(told[tables], tables, self.np_random)
        self._over = self.game.played >= self._limit
        info = {"answer": self.game.last.copy(), "_answer": on}
        return self.game.observe(), rewards, np.zeros(self.num_envs, np.bool_), self._over.copy(), info
