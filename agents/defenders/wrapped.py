"""Defences at inference: the input is coarsened or shaken before a trained network sees it; both mask gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng

from agents.defenders.recipe import Recipe
from arena.checks import positive, whole
from arena.engine.arrays import Array, Labels
from arena.engine.model import Model, Wrapped
from arena.moves import Deployment
from arena.streams import RowStreams
from arena.views import DefenderView


@dataclass(frozen=True, eq=False)
class Preprocessed(Wrapped):
    """A model behind a change of its input; its vjp passes through the change as if it were the identity (BPDA).

    Athalye et al., 2018, arXiv:1802.00420. That is the gradient an attacker would use; the true one is zero or noise.
    """

    change: Callable[[Array], Array]

    def logits(self, x: Array) -> Array:
        """Logits of the changed rows."""
        return self.model.logits(self.change(x))

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Logits of the changed rows, and their pull-back to the changed rows, taken for one to x."""
        return self.model.vjp(self.change(x))


@dataclass(frozen=True)
class Rounding:
    """Every pixel to the nearest of `levels` evenly spaced values in [0, 1]."""

    levels: int

    def __call__(self, x: Array) -> Array:
        """The coarsened rows."""
        steps = np.float32(self.levels - 1)
        return (np.round(x * steps) / steps).astype(np.float32)


@dataclass(frozen=True)
class Shaking:
    """Gaussian noise of `scale` pixels, drawn by a secret from each row's content: the same row always gets the same noise."""

    scale: float
    secret: int

    def __call__(self, x: Array) -> Array:
        """The shaken rows."""
        x = np.ascontiguousarray(x, np.float32)
        noise = RowStreams(x, default_rng(self.secret)).normal(np.arange(len(x)), 0, x.shape[1])
        return np.clip(x + np.float32(self.scale) * noise, 0, 1).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class FeatureSqueezing(Recipe):
    """Plain training behind a rounding of every pixel to `levels` values (Xu et al., 2018, arXiv:1704.01155)."""

    levels: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("levels", self.levels, least=2)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that sees coarse pixels, trained on coarse pixels."""
        coarse = Rounding(self.levels)
        model = self.trained(view, rng, change=lambda _, x, y, own: coarse(x))
        return Deployment(Preprocessed(model, coarse))


@dataclass(frozen=True, kw_only=True)
class RandomisedInput(Recipe):
    """Plain training under Gaussian noise, and noise of `scale` pixels added to every row it is asked about.

    The noise is a secret function of the row, so that a match can be replayed; to an attacker it is random.
    """

    scale: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("scale", self.scale)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that shakes its input."""
        shaken = Shaking(self.scale, int(rng.integers(2**63)))

        def noisy(model: Model, x: Array, y: Labels, own: Generator) -> Array:
            return np.clip(x + np.float32(self.scale) * own.standard_normal(x.shape, dtype=np.float32), 0, 1)

        return Deployment(Preprocessed(self.trained(view, rng, change=noisy), shaken))
