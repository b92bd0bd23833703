"""The poisoner's environment: part by part of its allowance it says which rows get which label; then the defender retrains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from arena.checks import whole
from arena.engine.arrays import Array
from arena.engine.threads import one_blas_thread
from arena.envs.acting import playing, understood
from arena.envs.hosts import networks_of, opened, rules
from arena.envs.opponents import Mixture, Opponent
from arena.errors import InvalidValue
from arena.moves import Poison
from arena.poisoning.view import PoisonView
from arena.scenario import AttackerTurn
from arena.sitting import Sitting

Info = dict[str, Any]


class Poisoner(gym.Env[Array, Any]):
    """Spend the allowance in `steps` equal parts; the reward is the accuracy that the retrained defender has lost, at the end.

    Action (source · (classes - 1) + k) · 2 + far labels rows of class `source` as the k-th other class: those nearest to that
    class's mean, or with `far` those farthest from it. `opponent` is a defender's spec, a mixture or the path of a run;
    `networks` the seeds it trains with; `scenario` a poisoning of one round whose goal needs no test rows to be moved. Its moves
    are rows and labels alone: an allowance that lets rows be edited or inserted as well is left unused in that.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array", "ansi"], "render_fps": 1}  # type: ignore[misc]  # gymnasium's is an instance's

    def __init__(
        self, *, scenario: str = "poisoning", data: str = "digits", opponent: Opponent = "plain(epochs=10)",
        networks: Sequence[int] = (0,), steps: int = 8, rehearsal: bool = True, render_mode: str | None = None,
    ) -> None:  # fmt: skip
        whole("steps", steps, least=2)
        self._game: Any = rules(scenario, data, rehearsal)
        if not issubclass(self._game.shows, PoisonView) or self._game.rounds != 1:
            raise InvalidValue(f"the poisoner's seat needs a poisoning of one round; got {scenario}")
        if self._game.goal not in ("availability", "targeted") or not self._game.contamination.may_relabel:
            raise InvalidValue(f"this poisoner gives rows other labels; {scenario} wants something else")
        self._mixture, self._networks, self._steps = Mixture.of("defenders", opponent), networks_of(networks), steps
        self._classes = self._game.dataset.classes
        self.action_space = spaces.Discrete(2 * self._classes * (self._classes - 1))
        self.observation_space = spaces.Box(-1, 1, (self._classes**2 + self._classes + 1,), np.float32)
        self.render_mode, self._turns = render_mode, -1

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """A new match, at the attacker's turn."""
        super().reset(seed=seed)
        self._defender = self._mixture.draw(self.np_random)
        seed = self._networks[int(self.np_random.integers(len(self._networks)))]
        self._sitting = Sitting(self._game, seed)
        self._sitting.send(opened(self._game, self._defender, seed).move)
        turn = self._sitting.turn
        assert isinstance(turn, AttackerTurn) and isinstance(turn.view, PoisonView)  # of a poisoning
        self._view, self._turns, self._damage = turn.view, 0, 0.0
        self._labels = self._view.train.y.copy()
        self._touched = np.zeros(len(self._labels), np.bool_)
        return self._observed(), self._info()

    def step(self, action: Any) -> tuple[Array, float, bool, bool, Info]:
        """Relabel one part; after the last the move is made, and the defender answers."""
        playing(0 <= self._turns < self._steps)
        self._relabel(int(understood([action], self.action_space, 1)[0]))
        self._turns += 1
        over = self._turns == self._steps
        if over:
            self._damage = self._ended()
        return self._observed(), self._damage, over, False, self._info()

    def render(self) -> Any:
        """Which labels became which: pixels (h, w, 3) uint8, or text."""
        from arena.envs.pictures import matrix_drawn

        playing(self._turns >= 0)
        if self.render_mode is None:
            return None
        said = f"{int(self._touched.sum())} of {self._view.limit} rows touched, damage {self._damage:.3f}"
        if self.render_mode == "ansi":
            return f"{said}\n{self._flips()}"
        return matrix_drawn(self._flips(), said, "label given", "true label")

    def _relabel(self, action: int) -> None:
        pair, far = divmod(action, 2)
        source, k = divmod(pair, self._classes - 1)
        target = (source + 1 + k) % self._classes
        x, y = self._view.train.x, self._view.train.y
        rows = np.flatnonzero((y == source) & ~self._touched)
        distance = np.linalg.norm(x[rows] - x[y == target].mean(axis=0), axis=1)
        ends = np.linspace(0, self._view.limit, self._steps + 1).round().astype(int)
        part = ends[self._turns + 1] - ends[self._turns]
        chosen = rows[np.argsort(-distance if far else distance, kind="stable")[:part]]
        self._labels[chosen], self._touched[chosen] = target, True

    @one_blas_thread()
    def _ended(self) -> float:
        rows = np.flatnonzero(self._touched)
        self._sitting.send(Poison(rows, y=self._labels[rows]))
        while self._sitting.turn is not None:
            self._sitting.send(self._sitting.answer(None, self._defender))
        (scored,) = self._sitting.rounds
        return scored.clean_accuracy - scored.attacked_accuracy

    def _flips(self) -> Any:
        """How many rows of each class (classes, classes) got which label."""
        flips = np.zeros((self._classes, self._classes), np.intp)
        np.add.at(flips, (self._view.train.y[self._touched], self._labels[self._touched]), 1)
        return flips

    def _observed(self) -> Array:
        """The flips as shares of the allowance, the share of each class still untouched, the share of steps left."""
        y = self._view.train.y
        untouched = np.bincount(y[~self._touched], minlength=self._classes) / np.bincount(y, minlength=self._classes)
        parts = [self._flips().ravel() / max(self._view.limit, 1), untouched, [1 - self._turns / self._steps]]
        return (2 * np.concatenate(parts) - 1).astype(np.float32)

    def _info(self) -> Info:
        return {"rows": int(self._touched.sum()), "limit": self._view.limit}
