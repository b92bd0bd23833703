"""Regressors by training: nothing special, every layer's slope bounded, and on attacks of themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.states import StateAscent
from agents.defenders.recipe import Recipe
from arena.checks import positive, whole
from arena.engine import Dense, MeanSquaredError, Sequential, mlp, sigma
from arena.engine.arrays import Array
from arena.moves import Deployment
from arena.regression import Measurements, RegressionView, RegressorView


@dataclass(frozen=True, kw_only=True)
class Regression(Recipe):
    """A dense ReLU network of standardised rows, trained by Adam on squared errors, its rate falling along a cosine."""

    hidden: tuple[int, ...] = (40, 40, 40)
    epochs: int = 60
    learning_rate: float = 3e-3

    def move(self, view: RegressionView, rng: Generator) -> Deployment:
        """A plainly trained regressor."""
        return Deployment(self.regressed(view, rng))

    def regressed(
        self,
        view: RegressionView,
        rng: Generator,
        *,
        after: Callable[[Sequential], None] | None = None,
        attack: StateAscent | None = None,
    ) -> Sequential:
        """A fixed layer that standardises, and a network trained behind it, its weights passed through `after` at every step.

        With an `attack`, each batch is moved by it first.
        """
        first = standardising(view.train.x)

        def attacked(model: Sequential, h: Array, y: Array, rng: Generator) -> Array:
            rows = Measurements((h - first.b) / first.W.diagonal(), y[:, 0])
            seen = RegressorView(rows, view.threat.ball, Sequential((first, *model.layers)))
            assert attack is not None  # or it is not called
            return attack.move(seen, rng).x @ first.W + first.b

        h, y = view.train.x @ first.W + first.b, view.train.y[:, None].astype(np.float32)
        network = mlp((h.shape[1], *self.hidden, 1), rng=rng)
        change = attacked if attack else None
        found = self.fitted(network, h, y, rng, loss=MeanSquaredError(), change=change, after=after)
        return Sequential((first, *found.layers))


@dataclass(frozen=True, kw_only=True)
class LipschitzRegression(Regression):
    """Every weight matrix scaled back to sigma <= kappa after every step, sigma by an exact SVD.

    Neural-Swarm (Shi et al., 2020, arXiv:2003.02992). In L2 the network's slope is at most kappa^layers, times that of the
    fixed layer that standardises.
    """

    kappa: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("kappa", self.kappa)

    def move(self, view: RegressionView, rng: Generator) -> Deployment:
        """A regressor of bounded slope."""
        return Deployment(self.regressed(view, rng, after=self._project))

    def _project(self, model: Sequential) -> None:
        for layer in model.layers:
            if isinstance(layer, Dense):
                layer.W[...] *= np.float32(min(1.0, self.kappa / sigma(layer.W)))


@dataclass(frozen=True, kw_only=True)
class AdversarialRegression(Regression):
    """Every batch moved within the threat's ball to where the network of the moment errs most, by `steps` of ascent."""

    steps: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("steps", self.steps)

    def move(self, view: RegressionView, rng: Generator) -> Deployment:
        """A regressor trained on attacks of itself."""
        return Deployment(self.regressed(view, rng, attack=StateAscent(steps=self.steps, restarts=1, draws=0)))


def standardising(x: Array) -> Dense:
    """The layer that takes the columns of x (n, d) to mean 0 and standard deviation 1; a constant one to 0."""
    spread = x.std(axis=0)
    scale = np.divide(1, spread, out=np.ones_like(spread), where=spread > 0)
    return Dense.of(np.diag(scale), -x.mean(axis=0) * scale)
