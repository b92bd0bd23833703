"""The attacker's environments: one example at a time, against a network that was really trained and a referee that judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from arena.checks import not_negative, one_of, whole
from arena.engine.arrays import Array, Mask
from arena.envs.acting import begun, playing, understood
from arena.envs.episodes import Episodes
from arena.envs.hosts import Host, rules
from arena.envs.opponents import Opponent
from arena.errors import InvalidValue
from arena.learning.attempts import Craft
from arena.learning.pixels import Pixels
from arena.learning.regions import Regions
from arena.views import GradientView, ScoreView

RenderMode: TypeAlias = Literal["rgb_array", "ansi"]
Info: TypeAlias = dict[str, Any]


class Course:
    """What an attacker's environment is made of: a host of matches, a craft, the steps of an episode, the two spaces."""

    def __init__(
        self, kind: str, scenario: str, data: str, opponent: Opponent, networks: Sequence[int],
        steps: int, rehearsal: bool, grid: int = 4, cost: float = 0.0,
    ) -> None:  # fmt: skip
        whole("steps", steps, least=2)
        not_negative("cost", cost)
        game = rules(scenario, data, rehearsal)
        self.host, self.shape, self.cost = Host(game, opponent, networks), game.dataset.shape, cost
        self.scores = issubclass(game.shows, ScoreView)
        limit = game.threat.queries
        if limit is not None and limit < 3:
            raise InvalidValue(f"an episode needs a budget of at least 3 queries; {scenario} gives {limit}")
        self.steps = steps if limit is None else min(steps, limit - 1)  # the first question is about the clean example
        features = game.dataset.rows.x.shape[1]
        self.craft: Craft = (
            Regions(self.shape, grid, labels_only=not self.scores)
            if kind == "regions"
            else Pixels(features, issubclass(game.shows, GradientView))
        )
        self.observations = spaces.Box(-1, 1, (self.craft.length(game.dataset.classes),), np.float32)
        self.actions: spaces.Space[Any] = (
            spaces.Discrete(self.craft.actions) if self.craft.actions else spaces.Box(-1, 1, (features,), np.float32)
        )

    @classmethod
    def of(cls, kind: str, options: dict[str, Any]) -> Course:
        """The course of an environment's keywords, by its defaults where they say nothing."""
        for name in options:
            one_of(f"a parameter of the {kind} environment", name, DEFAULTS[kind])
        return cls(kind, **{**DEFAULTS[kind], **options})

    def episodes(self, n: int) -> Episodes:
        """N slots to play in."""
        return Episodes(self.host, self.craft, n, self.steps)

    def rewards(self, gains: Array, fooled: Mask) -> Array:
        """The gain in margin, one more where the target is fooled, less the cost of a query."""
        return (gains + fooled - self.cost).astype(np.float64)


class Attacker(gym.Env[Array, Any]):
    """One example an episode, which ends when the target is fooled, or is cut when the steps are used up."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array", "ansi"], "render_fps": 4}  # type: ignore[misc]  # gymnasium's is an instance's
    kind: ClassVar[str]

    def __init__(self, *, render_mode: RenderMode | None = None, **options: Any) -> None:
        self.course = Course.of(self.kind, options)
        self.observation_space, self.action_space = self.course.observations, self.course.actions
        self.render_mode = render_mode
        self._episodes: Episodes | None = None

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[Array, Info]:
        """The next example; with a seed, everything begins anew."""
        super().reset(seed=seed)
        if seed is not None or self._episodes is None:
            self._episodes = self.course.episodes(1)
        self._episodes.begin([0], self.np_random)
        return self._episodes.observe()[0], self._info()

    def step(self, action: Any) -> tuple[Array, float, bool, bool, Info]:
        """Act on the example, and ask the target once."""
        episodes = self._begun()
        state = episodes.state
        playing(not (state.fooled[0] or state.spent[0]))
        gains = episodes.advance(understood([action], self.action_space, 1))
        reward = self.course.rewards(gains, state.fooled)
        fooled = bool(state.fooled[0])
        return episodes.observe()[0], float(reward[0]), fooled, bool(state.spent[0]) and not fooled, self._info()

    def render(self) -> Any:
        """The digit, the noise, the attacked digit and the scores: pixels (h, w, 3) uint8, or text."""
        from arena.envs.pictures import drawn, told

        state = self._begun().state
        if self.render_mode == "ansi":
            return told(state, scores=self.course.scores)
        return drawn(state, self.course.shape, scores=self.course.scores) if self.render_mode == "rgb_array" else None

    def _begun(self) -> Episodes:
        return begun(self._episodes)

    def _info(self) -> Info:
        state = self._begun().state
        return {"queries": int(state.used[0]) + 1, "fooled": bool(state.fooled[0])}


class EvasionAttacker(Attacker):
    """Perturb an example pixel by pixel in the ball; the reward is the gain in margin, and one for fooling the target.

    `scenario` is a spec of one round with gradients, scores or labels in sight, and the observation holds what is seen;
    `opponent` a defender's spec, a mixture {spec: probability} or the path of a run; `networks` the seeds it is trained
    with; `rehearsal` plays on the scenario's training rows alone, so that its fields stay unseen.
    """

    kind = "pixels"


class QueryAttacker(Attacker):
    """Set regions of an example to either end of the ball, a query each; what does not raise the margin is taken back.

    `grid` is how many regions lie along a side, `cost` what a query costs; the rest as in EvasionAttacker.
    """

    kind = "regions"


DEFAULTS: dict[str, dict[str, Any]] = {
    "pixels": {
        "scenario": "white-box", "data": "digits", "opponent": "plain", "networks": (0,), "steps": 20, "rehearsal": True,
    },
    "regions": {
        "scenario": "query(budget=101)", "data": "digits", "opponent": "plain", "networks": (0, 1, 2, 3), "steps": 100,
        "rehearsal": True, "grid": 4, "cost": 0.1,
    },
}  # fmt: skip
