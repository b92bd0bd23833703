"""The attack on a regressor: the state within the ball that it is farthest wrong at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.walks import walk
from arena.checks import whole
from arena.engine import cosine
from arena.engine.arrays import Array
from arena.moves import Perturbation
from arena.regression import RegressorView


@dataclass(frozen=True, kw_only=True)
class StateAscent:
    """Projected ascent of the absolute error of a regressor, upwards and downwards; each row keeps its worst point of all.

    Steps begin at twice the radius and fall along a cosine. The first start is the state itself, every other of the `restarts`
    a random point of the ball. So many more random points as `draws` are tried, for a model that has no gradient to follow.
    Exact where the model is linear.
    """

    steps: int = 20
    restarts: int = 3
    draws: int = 200

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        whole("restarts", self.restarts)
        whole("draws", self.draws, least=0)

    def move(self, view: RegressorView, rng: Generator) -> Perturbation:
        """The worst point found for each row."""
        center, y = view.field.x, view.field.y
        answer, most = center.copy(), np.full(len(y), -np.inf)
        for x, value in self._tried(view, rng):
            error = np.nan_to_num(np.abs(value - y), nan=np.inf)
            worse = error > most
            answer[worse], most[worse] = x[worse], error[worse]
        return Perturbation(answer)

    def _tried(self, view: RegressorView, rng: Generator) -> Iterator[tuple[Array, Array]]:
        """Points (n, d) in the ball with the model's values (n,) there."""
        center = view.field.x
        for k in range(self.restarts):
            start = view.ball.uniform(center, rng) if k else center
            for sign in (-1, 1):
                yield from self._ascent(view, start, sign)
        for _ in range(self.draws):
            x = view.ball.uniform(center, rng)
            yield x, view.values(x)

    def _ascent(self, view: RegressorView, x: Array, sign: int) -> Iterator[tuple[Array, Array]]:
        """The points of an ascent of sign · f, the start first."""
        sizes = [2 * view.ball.radius * cosine(t / self.steps) for t in range(self.steps)]
        stepping = walk(view.ball, view.field.x, sizes)
        for t in range(stepping.steps):
            value, slope = view.slope(x)
            yield x, value
            out = np.empty_like(x)
            stepping.step(t, x, sign * slope, out)
            x = out
        yield x, view.values(x)
