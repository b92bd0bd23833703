"""One network, one attacker, one ball: judged without a tournament."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.batch import Batch
from arena.engine.arrays import Array, Labels, Mask, finite
from arena.engine.losses import CrossEntropy
from arena.engine.model import Model, logits_of, vjp_of
from arena.errors import InvalidValue
from arena.players import seat
from arena.referee import Referee, Scored
from arena.streams import stream
from arena.threat import Ball
from arena.views import GradientView


@dataclass(frozen=True)
class Flags:
    """What may make an attacked accuracy worth less than it looks, each a share of the points in [0, 1].

    `zero_gradients`: points read right whose cross-entropy gradient is exactly zero, or not finite; `not_finite`: points with
    a logit that is NaN or infinite; `random`: points whose logits differ between two calls; `saturated`: points whose logits
    look like probabilities.
    """

    zero_gradients: float
    not_finite: float
    random: float
    saturated: float

    @property
    def raised(self) -> tuple[str, ...]:
        """The names of those that are not zero."""
        return tuple(name for name, share in vars(self).items() if share > 0)


@dataclass(frozen=True, eq=False)
class Evaluation(Scored):
    """What one attack came to, and the points found; `attacked` counts what is read right both clean and attacked.

    Its share is an upper bound on the robust accuracy.
    """

    x: Array
    ball: Ball
    flags: Flags

    def __str__(self) -> str:
        raised = f"; flags: {', '.join(self.flags.raised)}" if self.flags.raised else ""
        return (
            f"{len(self.clean)} points, {self.ball.norm} {self.ball.radius:g}: clean {100 * self.clean_accuracy:.1f} %,"
            f" attacked {100 * self.attacked_accuracy:.1f} %{raised}"
        )


def evaluate(model: Model, x: Array, y: Labels, attacker: Any, ball: Ball, *, seed: int = 0) -> Evaluation:
    """Attack rows x (n, d) with labels y (n,) in the ball; the same seed gives the same answer.

    Raises InvalidValue for rows the model cannot read or that leave the box, IllegalMove where the attacker leaves the ball.
    """
    field = _field(model, x, y, ball)
    seat(attacker, GradientView, "evaluate")
    referee = Referee(ball)
    shown = GradientView(referee.copy(field), ball, model)
    answer = referee.judge(attacker.move(shown, stream("evaluate", seed)), field)
    scored = referee.score(model, field, answer)
    return Evaluation(scored.clean, scored.clean & scored.attacked, answer.x, ball, flags(model, field))


def flags(model: Model, field: Batch) -> Flags:
    """What the model does at the clean points that an attack should know."""
    z, again = (logits_of(model, field.x).copy() for _ in range(2))
    sound = np.isfinite(z).all(axis=1)
    right = sound & (z.argmax(axis=1) == field.y)
    logits, pull = vjp_of(model, field.x)
    g = finite(np.asarray(pull(CrossEntropy().value_and_grad(logits, field.y)[1])))
    probable = (z >= 0).all(axis=1) & (np.abs(z.sum(axis=1) - 1) < 1e-3)
    return Flags(
        zero_gradients=_share(right & ~g.any(axis=1), right),
        not_finite=float((~sound).mean()),
        random=float((sound & (z != again).any(axis=1)).mean()),
        saturated=float(probable.mean()) if probable.all() else 0.0,
    )


def _field(model: Model, x: Array, y: Labels, ball: Ball) -> Batch:
    field = Batch(x, y)
    if not len(field):
        raise InvalidValue("an evaluation needs at least one row; got none")
    if field.x.shape[1] != model.features:
        raise InvalidValue(f"x must have the model's {model.features} features; got shape {field.x.shape}")
    if field.y.min() < 0 or field.y.max() >= model.classes:
        raise InvalidValue(f"y must hold labels in 0..{model.classes - 1}; got {field.y.min()} to {field.y.max()}")
    low, high = ball.box
    if field.x.min() < low or field.x.max() > high:
        raise InvalidValue(
            f"x must lie in the ball's box [{low:g}, {high:g}]; got {field.x.min():g} to {field.x.max():g}:"
            f" divide pixels of 0..255 by 255, or give Ball(box=...)"
        )
    return field


def _share(some: Mask, of: Mask) -> float:
    return float(some.sum() / of.sum()) if of.any() else 0.0
