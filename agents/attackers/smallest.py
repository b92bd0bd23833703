"""The search for the smallest perturbation in L2, and the move that follows from it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array, Labels
from arena.engine.threads import over_chunks
from arena.moves import Perturbation
from arena.views import GradientView


class SmallestL2(ABC):
    """Looks for the nearest misread point in L2, whatever the ball, and puts it into the ball in the end."""

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The nearest misread point found, put into the ball; the row itself where none was found."""
        return Perturbation(view.ball.project(self.nearest(view)[0], view.field.x))

    def nearest(self, view: GradientView) -> tuple[Array, Array]:
        """Misread points (n, d) and their L2 distances (n,), whatever the ball's radius; inf where none was found."""
        found, size = view.field.x.copy(), np.full(len(view.field), np.inf)

        def work(part: slice) -> None:
            self._search(view, view.field.y[part], found[part], size[part])

        over_chunks(len(found), work)
        return found, size

    @abstractmethod
    def _search(self, view: GradientView, y: Labels, found: Array, size: Array) -> None:
        """Better `found` (n, d), which holds the rows, and `size` (n,), in place."""
