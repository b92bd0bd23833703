"""How the house trains a network: the part that its defenders share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from arena.batch import Batch
from arena.checks import not_negative, positive, whole
from arena.engine import Adam, Sequential, cosine, fit, fitted, mlp
from arena.engine.arrays import Array
from arena.engine.training import BatchChange
from arena.errors import InvalidValue
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A dense ReLU network with the given hidden widths, trained by Adam on cross-entropy, its rate falling along a cosine."""

    hidden: tuple[int, ...] = (128, 64)
    epochs: int = 40
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(np.atleast_1d(self.hidden).tolist()))
        for width in self.hidden:
            whole("each width in hidden", width)
        whole("epochs", self.epochs)
        whole("batch_size", self.batch_size)
        positive("learning_rate", self.learning_rate)
        not_negative("weight_decay", self.weight_decay)

    def trained(
        self,
        view: DefenderView,
        rng: Generator,
        *,
        train: Batch | None = None,
        change: BatchChange | None = None,
        dropout: float = 0.0,
        kappa: float | None = None,
    ) -> Sequential:
        """A network trained on `train` (else the view's rows and all it has faced), every batch passed through `change`."""
        rows = train or seen(view)
        sizes = (rows.x.shape[1], *self.hidden, view.classes)
        network = mlp(sizes, rng=rng, dropout=dropout, kappa=kappa)
        return self.fitted(network, rows.x, rows.y, rng, change=change)

    def fitted(self, network: Sequential, x: Array, y: Any, rng: Generator, **how: Any) -> Sequential:
        """The network trained on rows x with labels or targets y; `how` goes to `fit`."""
        optimiser = Adam(learning_rate=self.learning_rate, weight_decay=self.weight_decay)
        try:
            return fitted(
                fit(network, x, y, rng=rng, epochs=self.epochs, batch_size=self.batch_size,
                    optimiser=optimiser, schedule=cosine, **how)
            )  # fmt: skip
        except ValueError as error:
            raise InvalidValue(str(error)) from error


def seen(view: DefenderView) -> Batch:
    """The training rows, followed by every attacked field the defender has faced, under its true labels."""
    rows = view.train
    for field in view.faced:
        rows = rows.joined(field)
    return rows
