"""A random walk along the decision border by labels alone, one question a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.hunt import Hunt
from arena.checks import positive, whole
from arena.engine.arrays import Array, Indices
from arena.moves import Perturbation
from arena.views import LabelView

_PRECISE = 0.02  # of the distance: where the first search for the border ends
_SIDEWAYS, _INWARDS = 0.5, 0.25  # shares of successes at which step sizes stay as they are, as in the paper
_GAIN = 0.3  # how much one success or failure changes a step size


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """Steps sideways at random, then inwards, and stays where the row is misread (Brendel et al., 2018, arXiv:1712.04248).

    Step sizes begin at `sideways` and `inwards` of the distance and follow the successes of each row. Every `calibrate`-th
    question tries a sideways step alone, or the point's projection onto the ball. A row is left alone once it is fooled
    inside the ball. At most `queries` an example, else what the view has left.
    """

    queries: int | None = None
    sideways: float = 0.5
    inwards: float = 0.03
    calibrate: int = 10

    def __post_init__(self) -> None:
        if self.queries is not None:
            whole("queries", self.queries)
        positive("sideways", self.sideways)
        positive("inwards", self.inwards)
        whole("calibrate", self.calibrate, least=2)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """A misread point inside the ball where one was found, else the nearest one known, projected."""
        hunt = Hunt(view, self.queries, rng)
        rows, t = hunt.begin(), 0
        hunt.search(hunt.x[rows], rows, _PRECISE)
        sideways = np.full(len(hunt.left), self.sideways, np.float32)
        inwards = np.full(len(hunt.left), self.inwards, np.float32)
        while (rows := rows[hunt.alive(rows)]).size:
            t += 1
            far = hunt.far[rows]
            if t % (2 * self.calibrate) == 0:
                hunt.nearer(hunt.ball.project(hunt.x[rows], hunt.center[rows]), rows)
            elif t % self.calibrate == 0:
                stayed = hunt.ask(_moved(hunt, rows, sideways[rows], far, t), rows)
                sideways[rows] = np.minimum(sideways[rows] * np.exp(_GAIN * (stayed - _SIDEWAYS)), 1)
            else:
                hunt.nearer(_moved(hunt, rows, sideways[rows], (1 - inwards[rows]) * far, t), rows)
                inwards[rows] = np.minimum(inwards[rows] * np.exp(_GAIN * ((hunt.far[rows] < far) - _INWARDS)), 0.9)
        return Perturbation(hunt.answer)


def _moved(hunt: Hunt, rows: Indices, size: Array, far: Array, t: int) -> Array:
    """The nearest misread points (m, d) moved at random by a share `size` (m,) of their distance, then to `far` (m,)."""
    u = hunt.streams.normal(rows, t, hunt.center.shape[1])
    u *= (size * hunt.far[rows] / hunt.length(u))[:, None]
    return hunt.drawn_in(hunt.x[rows] + u, rows, far)
