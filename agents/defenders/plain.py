"""Defences by training on clean rows: nothing special, dropout, normalised layers."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from agents.defenders.recipe import Recipe
from arena.checks import positive, share
from arena.moves import Deployment
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class Plain(Recipe):
    """Trains on the clean rows and hopes for the best."""

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A plainly trained network."""
        return Deployment(self.trained(view, rng))


@dataclass(frozen=True, kw_only=True)
class Dropout(Recipe):
    """Plain training with the share `rate` of every hidden layer dropped (Srivastava et al., 2014)."""

    rate: float = 0.3

    def __post_init__(self) -> None:
        super().__post_init__()
        share("rate", self.rate)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained with dropout."""
        return Deployment(self.trained(view, rng, dropout=self.rate))


@dataclass(frozen=True, kw_only=True)
class SpectralNormalisation(Recipe):
    """Every layer divided by sigma / kappa, so that the network's L2 Lipschitz constant is at most kappa^layers.

    Miyato et al., 2018, arXiv:1802.05957. The deployed layers are normalised by their exact singular values.
    """

    kappa: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("kappa", self.kappa)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A spectrally normalised network."""
        return Deployment(self.trained(view, rng, kappa=self.kappa))
