"""Boosted adversarial training: each network learns what fools the mixture before it."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from agents.attackers.pgd import PGD
from agents.defenders.members import Member, defenders_of
from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sparring import Sparring, sparring_partner
from arena.batch import Batch
from arena.checks import weights
from arena.engine import RandomisedEnsemble, Sequential
from arena.engine.arrays import Array, Labels
from arena.moves import Deployment
from arena.views import DefenderView, GradientView


@dataclass(frozen=True, kw_only=True)
class BoostedAdversarialTraining(Recipe):
    """A randomised ensemble: the `first` defender's network, then networks trained on attacks of the ones before (BAT).

    Pinot et al., 2020, arXiv:2002.11565. Attacks by `sparring` on one network are easy for the next, so that the gradient
    of the expected loss is torn: under ascent of it the mixture looks robust, under `greedy` it is not (arXiv:2206.06737).
    `weights` are the probabilities of being drawn, one a network, first to last.
    """

    first: Member = Plain()
    weights: tuple[float, ...] = (0.5, 0.5)
    sparring: Sparring = PGD(steps=7, stop_fooled=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "first", defenders_of((self.first,), "boosting")[0])
        object.__setattr__(self, "weights", weights("weights", self.weights, len(self.weights)))
        object.__setattr__(self, "sparring", sparring_partner(self.sparring))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """All networks as one that is drawn from."""
        partner, ball = sparring_partner(self.sparring), view.threat.ball
        streams = rng.spawn(len(self.weights))
        models = [defenders_of((self.first,), "boosting")[0].move(view, streams[0]).model]
        for own in streams[1:]:
            before = RandomisedEnsemble(tuple(models), weights("weights", None, len(models)))

            def attacked(
                model: Sequential, x: Array, y: Labels, rng: Generator, before: RandomisedEnsemble = before
            ) -> Array:
                return partner.move(GradientView(Batch(x, y), ball, before), rng).x

            models.append(self.trained(view, own, change=attacked))
        return Deployment(RandomisedEnsemble(tuple(models), self.weights))
