"""Where the scores tell nothing but the label, the label is what can be attacked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.hopskipjump import HopSkipJump
from arena.checks import whole
from arena.engine.arrays import Mask
from arena.engine.model import logits_of
from arena.moves import Perturbation
from arena.views import GradientView

_DRAWS = 6


@dataclass(frozen=True, kw_only=True)
class FlatScores:
    """HopSkipJump on the rows in whose ball the scores change with the label alone; the others are left as they are.

    Such a model has no slope, whatever its vjp says, and Square finds nothing to climb either.
    """

    queries: int = 1000

    def __post_init__(self) -> None:
        whole("queries", self.queries)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """Misread points where they were found."""
        x, rows = view.field.x.copy(), np.flatnonzero(_flat(view, rng))
        if rows.size:
            x[rows] = HopSkipJump(queries=self.queries).move(view.only(rows), rng).x
        return Perturbation(x)


def _flat(view: GradientView, rng: Generator) -> Mask:
    """The rows (n,) at which random points of their ball that bear the same label bear the same scores."""
    z = logits_of(view.model, view.field.x)
    flat = np.ones(len(z), bool)
    for _ in range(_DRAWS):
        near = logits_of(view.model, view.ball.uniform(view.field.x, rng))
        flat &= (near == z).all(axis=1) | (near.argmax(axis=1) != z.argmax(axis=1))
    return flat
