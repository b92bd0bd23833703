"""The min-max loop: every batch is attacked by the sparring partner before its step."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from agents.attackers.pgd import PGD
from agents.defenders.recipe import Recipe
from agents.defenders.sparring import Sparring, sparring_partner
from arena.batch import Batch
from arena.checks import whole
from arena.engine import Sequential
from arena.engine.arrays import Array, Labels
from arena.moves import Deployment
from arena.views import DefenderView, GradientView


@dataclass(frozen=True, kw_only=True)
class AdversarialTraining(Recipe):
    """min_θ max_δ L(f_θ(x+δ), y) (Madry et al., 2018, arXiv:1706.06083).

    The inner maximum is found by `steps` steps of PGD on the network of the moment, or by any `sparring` partner given.
    """

    epochs: int = 100  # a harder objective than the plain one: 40 leave it five points short
    steps: int = 7
    sparring: Sparring | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("steps", self.steps)
        if self.sparring is not None:
            object.__setattr__(self, "sparring", sparring_partner(self.sparring))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained on attacks of itself."""
        partner = sparring_partner(self.sparring or PGD(steps=self.steps, stop_fooled=False))
        ball = view.threat.ball

        def attacked(model: Sequential, x: Array, y: Labels, rng: Generator) -> Array:
            return partner.move(GradientView(Batch(x, y), ball, model), rng).x

        return Deployment(self.trained(view, rng, change=attacked))
