"""Downwash: learn the force of a multirotor's wake from noisy flights, then foretell it where the place is measured wrongly.

After Neural-Swarm (Shi et al., 2020, arXiv:2003.02992), with the wake of `scenarios.downwash.wake` for the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.random import Generator

from arena.checks import not_negative, one_of, positive, whole
from arena.data import Dataset
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.players import spec
from arena.regression import Measurements, RegressionReferee, RegressionView, RegressorView
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.streams import digest, stream
from arena.threat import Ball, ThreatModel
from scenarios.deal import Deal
from scenarios.downwash.wake import force

UNIT, AXIS = 2.0, (0.5, 0.5, 0.0)  # metres to the unit of a state, and where the upper vehicle is
NEAR = 0.3, 1.0  # metres below that are trained on
WIDE = 0.2  # half the width of where it flies: of a cylinder in metres, of a cone for each metre below


@dataclass(frozen=True, kw_only=True)
class Downwash:
    """Learn the force in a multirotor's wake, then foretell it where the measured place is off, within `tolerance`.

    A state is the lower vehicle's place below the upper one, (across, along, below) in [0, 1], 2 m to the unit: the ball's
    0.01 are two centimetres. Forces are multiples of the vehicle's weight. The defender trains on `train` places 0.3 to 1 m
    below, their force measured with Gaussian `noise`; it is judged at `points` places from `met[0]` to `met[1]` metres below.
    Both lie `within` the cone that holds the wake, 0.2 m to the side for each metre below, or a cylinder of 0.2 m.
    """

    ball: Ball = Ball(0.01, "l2")
    points: int = 500
    train: int = 4000
    met: tuple[float, float] = NEAR
    within: Literal["cone", "cylinder"] = "cone"
    tolerance: float = 0.1
    noise: float = 0.05

    name = "downwash"
    shows = RegressorView
    trains = RegressionView
    rounds = 1
    lineup: ClassVar[Mapping[str, Sequence[str]]] = {
        "attackers": ("noise", "state-ascent"),
        "defenders": (
            "constant-regression", "nearest-row", "regression", "lipschitz-regression", "adversarial-regression",
        ),
    }  # fmt: skip

    def __post_init__(self) -> None:
        if not isinstance(self.ball, Ball) or self.ball.box != (0.0, 1.0):
            raise InvalidValue(f"ball must be a Ball in the box [0, 1], as in Ball(0.01, 'l2'); got {self.ball!r}")
        whole("points", self.points)
        whole("train", self.train)
        one_of("within", self.within, ("cone", "cylinder"))
        positive("tolerance", self.tolerance)
        not_negative("noise", self.noise)
        met = tuple(self.met) if isinstance(self.met, Sequence) else ()
        numbers = len(met) == 2 and all(isinstance(height, int | float) for height in met)
        if not numbers or not 0.1 <= met[0] < met[1] <= UNIT:
            raise InvalidValue(f"met must be (from, to) in metres below, from 0.1 to {UNIT:g}; got {self.met!r}")
        object.__setattr__(self, "met", tuple(map(float, met)))

    @property
    def threat(self) -> ThreatModel:
        """The ball, with the model in sight."""
        return ThreatModel(ball=self.ball, access="gradients")

    @property
    def summary(self) -> str:
        """The rules in a line."""
        (low, high), ball = self.met, self.ball
        return (
            f"{self.train} noisy forces to learn from, {self.points} to be foretold within {self.tolerance:g} of the weight,"
            f" {low:g} to {high:g} m below; {ball.norm} ball of radius {ball.radius:g}, 2 m to the unit"
        )

    def truth(self, x: Array) -> Array:
        """The force (n,) at states x (n, 3), in multiples of the vehicle's weight; negative: downwards."""
        return force((x.astype(np.float64) - AXIS) * UNIT)

    @property
    def deal(self) -> Deal:
        """Training rows and the field, the same for every seed."""
        train, field = self._rows
        return Deal(train, (field,), train)

    @cached_property
    def _rows(self) -> tuple[Measurements, Measurements]:
        rng = stream("downwash", "train", self.within, self.train)
        x = self._places(NEAR, self.train, rng)
        train = Measurements(x, self.truth(x) + self.noise * rng.standard_normal(self.train))
        x = self._places(self.met, self.points, stream("downwash", "field", self.within, self.met, self.points))
        return train, Measurements(x, self.truth(x))

    def _places(self, met: tuple[float, float], n: int, rng: Generator) -> Array:
        """States (n, 3) at heights spread evenly over `met`, and evenly over the disc at each height."""
        below, angle = rng.uniform(*met, n), rng.uniform(0, 2 * np.pi, n)
        across = WIDE * np.sqrt(rng.random(n)) * (below if self.within == "cone" else 1)
        state = np.stack([across * np.cos(angle), across * np.sin(angle), below], axis=1)
        return (state / UNIT + AXIS).astype(np.float32)

    @cached_property
    def dataset(self) -> Dataset:
        """The training rows as a data set."""
        return Dataset("a wake model", self.deal.train, (3,))

    def content(self) -> str:
        """A digest of the rules and of all rows."""
        arrays = (array for rows in self._rows for array in (rows.x, rows.y))
        return digest(spec(self), *(array.tobytes() for array in arrays))

    def turns(self) -> Script:
        """Deploy, disturb the measured states, judge, score against the force at the true ones."""
        referee, (train, field) = RegressionReferee(self.ball, self.tolerance), self._rows
        deployment = yield DefenderTurn(RegressionView(train, self.threat))
        model = referee.examine(deployment, train.x.shape[1], 1)
        view = RegressorView(referee.copy(field), self.ball, referee.shown(model, field.x))
        answer = referee.judge((yield AttackerTurn(view)), field)
        referee.ask_again(model, view.model, answer)
        return (referee.score(model, field, answer),)
