"""A trained policy as a player: an amortised attack, which has learned on other examples where to push this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.random import Generator

from agents.attackers.asking import budgets
from arena.checks import one_of, whole
from arena.engine import Sequential
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.learning.attempts import Attempts, Craft, Look
from arena.learning.drawing import sampled
from arena.learning.pixels import Pixels
from arena.learning.policies import Policy, read_policy, read_sb3
from arena.learning.regions import Regions
from arena.moves import Perturbation
from arena.streams import RowStreams
from arena.views import GradientView, LabelView, ScoreView

_SHAPES = {64: (8, 8), 784: (28, 28), 3072: (32, 32, 3)}


@dataclass(frozen=True, kw_only=True)
class PolicyAttacker:
    """Plays an agent trained in an attacker's environment, an ordinary attacker by questions.

    `policy` is the path of a policy.npz that `python -m arena train` wrote, or any callable with a stable repr: with `moves`
    "regions" (QueryAttacker-v0) from observations (n, k) to logits (n, actions), which are drawn from; with "pixels"
    (EvasionAttacker-v0) to actions (n, d) in [-1, 1]. `grid` and `shape` are those it was trained with; at most `steps`
    questions follow the first.
    """

    policy: str | Policy | Sequential
    moves: Literal["regions", "pixels"] = "regions"
    grid: int = 4
    shape: tuple[int, ...] | None = None
    steps: int = 100

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        one_of("moves", self.moves, ("regions", "pixels"))
        if self.shape is not None:
            object.__setattr__(self, "shape", tuple(self.shape))
        if isinstance(self.policy, str | Path):  # the weights and not the path are who plays
            object.__setattr__(self, "policy", read_policy(self.policy))
        elif not (isinstance(self.policy, Sequential) or callable(self.policy)):
            raise InvalidValue(
                f"policy must be the path of a policy.npz, or a callable from observations to logits; got {self.policy!r}"
            )

    @classmethod
    def from_sb3(cls, path: str | Path, *, activation: str | None = None, **options: Any) -> PolicyAttacker:
        """The agent in a Stable-Baselines3 zip of PPO or A2C: its weights alone are read, nothing is unpickled."""
        return cls(policy=read_sb3(path, activation), **options)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """Where the policy has led each row; what is misread, at once or on the way, is left alone."""
        x, y = view.field.x, view.field.y
        steps = min(self.steps, int(budgets(view, None).min(initial=self.steps + 1)) - 1)
        if steps < 1:
            return Perturbation(x.copy())
        craft, classes = self._craft(view), _classes(view)
        state = Attempts(len(x), x.shape[1], classes, view.ball, steps=steps, actions=craft.actions)
        look, streams, everyone = Look(view, classes), RowStreams(x, rng), np.arange(len(x))
        state.place(slice(None), x, y, *look(x, y, everyone))
        for draw in range(steps):
            rows = everyone[~state.fooled]
            if not rows.size:
                break
            told = self._told(craft.observe(state)[rows], craft.actions or x.shape[1])
            actions = sampled(told, streams.uniform(rows, draw, craft.actions)) if craft.actions else told
            proposed = craft.propose(state, rows, actions)
            craft.settle(state, rows, actions, proposed, *look(proposed, y[rows], rows))
        return Perturbation(state.x)

    def _craft(self, view: LabelView) -> Craft:
        features = view.field.x.shape[1]
        if self.moves == "pixels":
            return Pixels(features, isinstance(view, GradientView))
        shape = self.shape or _SHAPES.get(features, (1, features))
        return Regions(shape, self.grid, labels_only=not isinstance(view, ScoreView))

    def _told(self, seen: Array, width: int) -> Array:
        policy = self.policy.logits if isinstance(self.policy, Sequential) else self.policy
        assert callable(policy)  # as __post_init__ has seen
        try:
            told = np.asarray(policy(seen))
        except ValueError as error:
            raise InvalidValue(
                f"the policy cannot read observations of {seen.shape[1]} numbers ({error}): give the moves, grid and shape it"
                f" was trained with, and the access, on data with as many features and classes"
            ) from error
        if told.shape != (len(seen), width) or not np.isfinite(told).all():
            raise InvalidValue(
                f"the policy must give {width} finite numbers a row; got shape {told.shape}, or NaN: were moves or grid others?"
            )
        return told


def _classes(view: LabelView) -> int:
    """One more than the largest label in sight."""
    shown = view.field.y if view.shadow is None else np.concatenate([view.field.y, view.shadow.y])
    return int(shown.max()) + 1
