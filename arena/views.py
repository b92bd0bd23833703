"""What a player is shown: a type for each degree of access, GradientView > ScoreView > LabelView > EvasionView.

A view is a contract and not a sandbox: Python lets a rude player reach private fields. Arrays are read-only, and the
referee judges against its own copies, of the ball too.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from arena.batch import Batch
from arena.engine.arrays import Array, Indices, Labels, finite
from arena.engine.losses import CrossEntropy, Loss
from arena.engine.model import Model, vjp_of
from arena.meter import Answers, Meter
from arena.moves import Deployment
from arena.threat import Ball, ThreatModel


class EvasionView:
    """The field to attack, with its true labels, and the ball each row may move in; nothing of the target.

    `shadow` holds rows of the defender's training distribution where the scenario shows any, else None.
    """

    def __init__(self, field: Batch, ball: Ball, *, shadow: Batch | None = None) -> None:
        self.field, self.ball, self.shadow = field, deepcopy(ball), shadow

    def only(self, rows: Indices) -> Self:
        """The same view of some of the examples, in the order of the indices `rows`."""
        return type(self)(self.field[rows], self.ball, *self._sight(rows), shadow=self.shadow)

    def _sight(self, rows: Indices) -> tuple[Any, ...]:
        return ()


class DisturbanceView(EvasionView):
    """The field for nature to disturb: its ball is the whole box, and `shape` is a row's as a picture, (h, w) or (h, w, c)."""

    def __init__(self, field: Batch, ball: Ball, shape: tuple[int, ...], *, shadow: Batch | None = None) -> None:
        super().__init__(field, ball, shadow=shadow)
        self.shape = shape

    def _sight(self, rows: Indices) -> tuple[Any, ...]:
        return (self.shape,)

    def pictures(self, x: Array) -> Array:
        """Rows (n, d) as pictures (n, h, w, c)."""
        height, width, *channels = self.shape
        return x.reshape(len(x), height, width, *(channels or (1,)))


class LabelView(EvasionView):
    """In addition, the label that the target gives to any row, at the price of a query."""

    def __init__(self, field: Batch, ball: Ball, answers: Answers, *, shadow: Batch | None = None) -> None:
        super().__init__(field, ball, shadow=shadow)
        self._answers = answers

    def _sight(self, rows: Indices) -> tuple[Any, ...]:
        return (self._answers.about(np.arange(len(self.field))[rows]),)  # a mask, a slice or a list names rows too

    @property
    def left(self) -> Indices | None:
        """The queries left for each example of the field (n,); None where there is no limit."""
        return self._answers.left()

    def labels(self, x: Array, rows: Indices | None = None) -> Labels:
        """The target's labels (m,) for x (m, d); `rows` (m,) says which example each row is about (all, in order).

        Raises OutOfQueries, and answers nothing, if the call would exceed an example's budget.
        """
        return self._answers.labels(x, rows)


class ScoreView(LabelView):
    """In addition, the target's logits, at the same price."""

    def scores(self, x: Array, rows: Indices | None = None) -> Array:
        """The target's logits (m, classes) for x (m, d); charged and refused as `labels` is."""
        return self._answers.scores(x, rows)


class GradientView(ScoreView):
    """In addition, the target itself: white box; `earlier` holds what was shown in the rounds before, first to last."""

    def __init__(
        self,
        field: Batch,
        ball: Ball,
        model: Model,
        *,
        shadow: Batch | None = None,
        earlier: tuple[GradientView, ...] = (),
    ) -> None:
        super().__init__(field, ball, Meter(model, len(field), None).answers(), shadow=shadow)
        self._model, self.earlier = model, earlier

    def only(self, rows: Indices) -> Self:
        """The same view of some of the examples, in the order of the indices `rows`."""
        return type(self)(self.field[rows], self.ball, self._model, shadow=self.shadow, earlier=self.earlier)

    @property
    def model(self) -> Model:
        """The deployed model; its arrays are read-only."""
        return self._model

    def gradient(self, x: Array, y: Labels, loss: Loss | None = None) -> Array:
        """dL/dx (n, d) at rows x with labels y (n,), cross-entropy unless another loss is given; zero where not finite."""
        logits, pull = vjp_of(self._model, x)
        return finite(np.asarray(pull((loss or CrossEntropy()).value_and_grad(logits, y)[1])))


@dataclass(frozen=True, eq=False)
class DefenderView:
    """The training rows, the number of classes and the threat to defend against.

    `faced` holds the attacked rows of earlier rounds with their true labels, scored before they were revealed;
    `deployed` is the defender's own last move; `trusted` holds rows that no attacker could touch, where the scenario has any.
    """

    train: Batch
    classes: int
    threat: ThreatModel
    faced: tuple[Batch, ...] = ()
    deployed: Deployment | None = None
    trusted: Batch | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "threat", deepcopy(self.threat))
