"""The control: random noise of the size that every other attacker may use."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from arena.moves import Perturbation
from arena.views import EvasionView


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Uniform noise in the ball; asks the target nothing. Every other attacker must beat it."""

    def move(self, view: EvasionView, rng: Generator) -> Perturbation:
        """One draw a row, put into the box exactly."""
        return Perturbation(view.ball.uniform(view.field.x, rng))
