"""Projected gradient ascent, plain and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from numpy.random import Generator

from agents.attackers.ascent import Ascent, ascend
from agents.attackers.goals import LOSSES, LossName, check_target, goal
from arena.checks import flag, not_negative, one_of, positive, whole
from arena.engine import constant, cosine
from arena.moves import Perturbation
from arena.views import GradientView

ScheduleName: TypeAlias = Literal["constant", "cosine"]
SCHEDULES = {"constant": constant, "cosine": cosine}


@dataclass(frozen=True, kw_only=True)
class PGD:
    """Projected gradient ascent from random starts (Madry et al., 2018, arXiv:1706.06083), in L∞, L2 and L1.

    Steps begin at `step_size` pixels (2 radius) and fall along a cosine: stronger than equal steps in every norm we tried;
    `schedule="constant"` gives those (2.5 radius / steps). Each row keeps its best point of all steps and restarts, and is
    left alone once fooled (`stop_fooled=False` goes on to raise its loss). `target` makes it targeted.
    """

    steps: int = 40
    restarts: int = 1
    step_size: float | None = None
    schedule: ScheduleName = "cosine"
    loss: LossName = "cross-entropy"
    target: int | None = None
    random_start: bool = True
    stop_fooled: bool = True

    def __post_init__(self) -> None:
        _check(self)
        one_of("schedule", self.schedule, SCHEDULES)
        flag("random_start", self.random_start)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The best point found for each row."""
        size = self.step_size or view.ball.radius * (2 if self.schedule == "cosine" else 2.5 / self.steps)
        start = view.ball.scattered if self.random_start else lambda center, rng: center
        sizes = _sizes(size, self.steps, self.schedule)
        ascent = Ascent(
            goal(self.loss, self.target, view.model.classes), sizes, self.restarts, 0.0, self.target, self.stop_fooled
        )
        return Perturbation(ascend(view, ascent, start, rng))


@dataclass(frozen=True, kw_only=True)
class MomentumPGD:
    """Ascent along a running mean of normalised gradients (Dong et al., 2018, arXiv:1710.06081), steps falling to zero.

    The steps are those of PGD; the momentum helps most where the gradient is another network's.
    """

    steps: int = 40
    restarts: int = 1
    step_size: float | None = None
    momentum: float = 0.75
    loss: LossName = "cross-entropy"
    target: int | None = None
    stop_fooled: bool = True

    def __post_init__(self) -> None:
        _check(self)
        not_negative("momentum", self.momentum)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The best point found for each row."""
        sizes = _sizes(self.step_size or 2 * view.ball.radius, self.steps, "cosine")
        loss = goal(self.loss, self.target, view.model.classes)
        ascent = Ascent(loss, sizes, self.restarts, self.momentum, self.target, self.stop_fooled)
        return Perturbation(ascend(view, ascent, view.ball.scattered, rng))


def _check(player: PGD | MomentumPGD) -> None:
    whole("steps", player.steps)
    whole("restarts", player.restarts)
    one_of("loss", player.loss, LOSSES)
    check_target(player.target)
    flag("stop_fooled", player.stop_fooled)
    if player.step_size is not None:
        positive("step_size", player.step_size)


@cache
def _sizes(first: float, steps: int, schedule: ScheduleName) -> tuple[float, ...]:
    return tuple(first * SCHEDULES[schedule](t / steps) for t in range(steps))
