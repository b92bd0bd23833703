"""One step along the gradient, to the border of the ball."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from agents.attackers.goals import LOSSES, LossName, check_target, goal
from arena.checks import one_of
from arena.moves import Perturbation
from arena.views import GradientView


@dataclass(frozen=True, kw_only=True)
class FGSM:
    """The farthest point of ball ∩ box along the loss's gradient (Goodfellow et al., 2015, arXiv:1412.6572).

    In L∞ that is the sign step; in L2 and L1 it is their exact counterpart inside the box. `target` makes it targeted.
    """

    loss: LossName = "cross-entropy"
    target: int | None = None

    def __post_init__(self) -> None:
        one_of("loss", self.loss, LOSSES)
        check_target(self.target)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """One gradient, one step."""
        x, y = view.field.x, view.field.y
        return Perturbation(
            view.ball.farthest(view.gradient(x, y, goal(self.loss, self.target, view.model.classes)), x)
        )
