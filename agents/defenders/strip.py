"""STRIP: a row that keeps its label whatever is laid over it carries a trigger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.members import defenders_of
from agents.defenders.plain import Plain
from arena.checks import share, whole
from arena.engine.arrays import Array, Mask
from arena.engine.model import Model, Wrapped
from arena.moves import Deployment
from arena.players import Defender
from arena.views import DefenderView

_FAR = np.float32(1e3)


@dataclass(frozen=True, eq=False)
class Stripped(Wrapped):
    """A model that takes its word back: a row of too little entropy under overlays loses its first label to the second."""

    overlays: Array
    threshold: float

    def flagged(self, x: Array) -> Mask:
        """Which rows (n,) keep their label suspiciously well."""
        return entropies(self.model, x, self.overlays) < self.threshold

    def logits(self, x: Array) -> Array:
        """The model's logits; of flagged rows with the largest one put last."""
        z = np.array(self.model.logits(x))
        rows = np.flatnonzero(self.flagged(x))
        z[rows, z[rows].argmax(axis=1)] -= _FAR
        return z

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """The logits, and the model's own gradient: taking a word back moves a logit by a constant."""
        return self.logits(x), self.model.vjp(x)[1]


def entropies(model: Model, x: Array, overlays: Array) -> Array:
    """Mean entropy in bits (n,) of the predictions for x (n, d) blended half and half with each overlay (m, d)."""
    total = np.zeros(len(x))
    for overlay in overlays:
        z = np.asarray(model.logits(((x + overlay) / 2).astype(np.float32)), np.float64)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        total -= (p * np.log2(np.maximum(p, 1e-300))).sum(axis=1)
    return total / len(overlays)


@dataclass(frozen=True, kw_only=True)
class STRIP:
    """Flags test rows whose entropy under overlays is small (Gao et al., 2019, arXiv:1902.06531); trains as `then` does.

    `overlays` training rows are laid over, half and half; the threshold lets `refused` of the training rows be flagged. A
    flagged row is given its second label, so that false alarms cost accuracy like any error.
    """

    overlays: int = 30
    refused: float = 0.03
    then: Defender | str = Plain()

    def __post_init__(self) -> None:
        whole("overlays", self.overlays)
        share("refused", self.refused)
        object.__setattr__(self, "then", defenders_of([self.then])[0])

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A trained model behind the test."""
        model = defenders_of([self.then])[0].move(view, rng).model
        order = rng.permutation(len(view.train))
        over = view.train.x[order[: self.overlays]]
        probe = view.train.x[order[self.overlays :][:400]] if len(order) > self.overlays else over
        usual = entropies(model, probe, over)
        return Deployment(Stripped(model, over, float(np.quantile(usual, self.refused))))
