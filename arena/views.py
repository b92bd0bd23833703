"""What a player is shown at its turn: a type for each degree of access, GradientView > ScoreView > LabelView > EvasionView.

A view is a contract and not a sandbox: Python lets a rude player reach private fields. Arrays are read-only, and the
referee judges against its own copies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from arena.batch import Batch
from arena.engine.arrays import Array, Labels
from arena.engine.losses import CrossEntropy, Loss
from arena.engine.model import Model
from arena.moves import Deployment
from arena.threat import Ball, ThreatModel


@dataclass(frozen=True, eq=False)
class EvasionView:
    """The field to attack, with its true labels, and the ball each row may move in; nothing of the target."""

    field: Batch
    ball: Ball


@dataclass(frozen=True, eq=False)
class LabelView(EvasionView):
    """In addition, the label that the target gives to any rows."""

    _model: Model = field(repr=False)

    def labels(self, x: Array) -> Labels:
        """The target's labels (n,) for rows x (n, d)."""
        return self._model.logits(x).argmax(axis=1)


@dataclass(frozen=True, eq=False)
class ScoreView(LabelView):
    """In addition, the target's logits."""

    def scores(self, x: Array) -> Array:
        """The target's logits (n, classes) for rows x (n, d)."""
        return self._model.logits(x)


@dataclass(frozen=True, eq=False)
class GradientView(ScoreView):
    """In addition, the target itself: white box."""

    @property
    def model(self) -> Model:
        """The deployed model; its arrays are read-only."""
        return self._model

    def gradient(self, x: Array, y: Labels, loss: Loss | None = None) -> Array:
        """dL/dx (n, d) at rows x with labels y (n,), cross-entropy unless another loss is given."""
        logits, pull = self._model.vjp(x)
        return pull((loss or CrossEntropy()).value_and_grad(logits, y)[1])


@dataclass(frozen=True, eq=False)
class DefenderView:
    """The training rows, the number of classes and the threat to defend against.

    `faced` holds the attacked rows of earlier rounds with their true labels, scored before they were revealed;
    `deployed` is the defender's own last move.
    """

    train: Batch
    classes: int
    threat: ThreatModel
    faced: tuple[Batch, ...] = ()
    deployed: Deployment | None = None
