"""A network that answers by the mean of its answers under Gaussian noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.recipe import Recipe
from arena.checks import positive, whole
from arena.engine import Sequential
from arena.engine.arrays import Array, Labels
from arena.moves import Deployment
from arena.views import DefenderView


@dataclass(frozen=True, eq=False)
class MeanUnderNoise:
    """log of the mean softmax over the same noises (k, features) for every row; its gradient is exact, nothing is hidden.

    The certificate of the vote over all noise is `arena.certify.Smoothing(sigma).certify(model.network, …)`.
    """

    network: Sequential
    noises: Array

    @property
    def features(self) -> int:
        """The length of an input row."""
        return self.network.features

    @property
    def classes(self) -> int:
        """The number of logits."""
        return self.network.classes

    def logits(self, x: Array) -> Array:
        """Log of the mean probabilities."""
        return self._mixed(self.network.logits(self._noisy(x)), len(x))[0]

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Logits, and the function from dL/dlogits to dL/dx: through every noisy copy."""
        z, pull = self.network.vjp(self._noisy(x))
        mixed, p = self._mixed(z, len(x))

        def back(g: Array) -> Array:
            share = p / p.sum(axis=0)  # how much each copy gave to each class
            inner = share * g
            dz = inner - p * inner.sum(axis=2, keepdims=True)
            return (
                np.asarray(pull(dz.reshape(-1, self.classes).astype(z.dtype))).reshape(len(p), len(x), -1).sum(axis=0)
            )

        return mixed, back

    def _noisy(self, x: Array) -> Array:
        return (np.asarray(x, np.float32)[None] + self.noises[:, None]).reshape(-1, self.features)

    def _mixed(self, z: Array, n: int) -> tuple[Array, Array]:
        z = z.astype(np.float64).reshape(len(self.noises), n, -1)
        e = np.exp(z - z.max(axis=2, keepdims=True))
        p = np.maximum(e / e.sum(axis=2, keepdims=True), 1e-30)
        return np.log(p.mean(axis=0)).astype(np.float32), p


@dataclass(frozen=True, kw_only=True)
class RandomisedSmoothing(Recipe):
    """Training under Gaussian noise of `scale` pixels, answers averaged over `copies` noises (arXiv:1902.02918).

    The noises are drawn once and are no secret, so that a match can be replayed and attacked honestly.
    """

    scale: float = 0.25
    copies: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("scale", self.scale)
        whole("copies", self.copies)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that answers under noise, and was trained to."""
        scale = np.float32(self.scale)

        def noisy(model: Sequential, x: Array, y: Labels, own: Generator) -> Array:
            return x + scale * own.standard_normal(x.shape, dtype=np.float32)

        network = self.trained(view, rng, change=noisy)
        noises = scale * rng.standard_normal((self.copies, network.features), dtype=np.float32)
        return Deployment(MeanUnderNoise(network, noises))
