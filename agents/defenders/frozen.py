"""Transfer learning: features learnt elsewhere and frozen, a last layer trained on the rows at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sanitised import penultimate
from arena.batch import Batch
from arena.engine import Sequential
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.streams import stream
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class FrozenFeatures:
    """A last layer trained by `last` on the frozen features of a network that `features` trained on trusted rows.

    The extractor is the same in every match and known to all, as a public pretrained network is: its random stream belongs to
    the trusted rows. Where none are trusted it is trained on the training rows themselves.
    """

    features: Recipe = Plain()
    last: Recipe = Plain(hidden=())

    def __post_init__(self) -> None:
        if not self.features.hidden or self.last.hidden:
            raise InvalidValue(
                "frozen features need a network with hidden layers, and a last layer alone: last=plain(hidden=[])"
            )

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The frozen features under a new last layer."""
        source = view.train if view.trusted is None else view.trusted
        pretrained = self.features.trained(
            view, stream("pretrained", source.x.tobytes(), source.y.tobytes()), train=source
        )
        rows = Batch(penultimate(pretrained, view.train.x), view.train.y)
        last = self.last.trained(replace(view, train=rows, faced=()), rng)
        return Deployment(Sequential((*pretrained.layers[:-1], *last.layers)))
