"""Gradient matching: rows whose gradient in training points where the gradient of the wanted misreading points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.disguises import Disguise
from arena.batch import Batch
from arena.checks import positive, whole
from arena.engine import Adam, CrossEntropy, Sequential, steps
from arena.engine.arrays import Array, Indices, Labels
from arena.engine.parameters import flatten, weight_gradients
from arena.threat import Ball


@dataclass(frozen=True, kw_only=True)
class GradientMatching(Disguise):
    """Witches' Brew (Geiping et al., 2021, arXiv:2009.02276): maximises the cosine of the poison's and the wanted gradient.

    Signed Adam at `rate` pixels, cut to a tenth at 3/8, 5/8 and 7/8 of the steps, from `restarts` random starts in the ball,
    the best point of all kept. Rows are drawn from the wanted class. `steps=0` is the control: the random start alone.
    """

    steps: int = 100
    restarts: int = 2
    rate: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("steps", self.steps, least=0)
        whole("restarts", self.restarts)
        positive("rate", self.rate)

    def crafted(
        self, network: Sequential, train: Batch, aims: Batch, ball: Ball, limit: int, rng: Generator
    ) -> tuple[Indices, Array]:
        """Rows of the wanted classes and the best match found."""
        rows = rng.permutation(np.flatnonzero(np.isin(train.y, aims.y)))[:limit]
        base, mismatch = train.x[rows], Mismatch(network, aims, train.y[rows])
        starts = [ball.uniform(base, rng) for _ in range(self.restarts)]
        if not self.steps:
            return rows, starts[0]
        ends = [self._descended(mismatch, base, start, ball) for start in starts]
        return rows, min(ends, key=lambda end: end[0])[1]

    def _descended(self, mismatch: Mismatch, base: Array, start: Array, ball: Ball) -> tuple[float, Array]:
        x, best, answer = start.copy(), np.inf, start
        step, falling = Adam(learning_rate=self.rate).start(x.reshape(-1)), steps(3 / 8, 5 / 8, 7 / 8)
        for t in range(self.steps):
            value, gradient = mismatch(x)
            if value < best:
                best, answer = value, x.copy()
            step(np.sign(gradient).ravel(), falling(t / self.steps))
            x[...] = ball.project(x, base)
        return best, answer


class Mismatch:
    """B(x) = 1 - cos(g_t, g_p(x)) of the mean-loss gradients at the aims and at rows x (n, d) labelled y (n,), in float64.

    Its gradient in x takes first-order passes alone: B depends on x through g_p only, so with v = dB/dg_p held constant it is
    the derivative of dL/dx along v in the parameters, a central difference of two backward passes.
    """

    def __init__(self, network: Sequential, aims: Batch, y: Labels) -> None:
        double = network.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in network.params))
        self._network, self._theta, self._gradient = flatten(double)
        self._y = y
        self._aim = self._slope(np.asarray(aims.x, np.float64), aims.y).copy()
        self._aim /= max(float(np.linalg.norm(self._aim)), 1e-300)

    def __call__(self, x: Array) -> tuple[float, Array]:
        """B and its gradient (n, d)."""
        x = np.asarray(x, np.float64)
        g = self._slope(x, self._y)
        length = max(float(np.linalg.norm(g)), 1e-300)
        cosine = float(self._aim @ g) / length
        v = (cosine * g / length - self._aim) / length
        h = 1e-4 / max(float(np.linalg.norm(v)), 1e-300)
        return 1 - cosine, (self._pulled(x, h * v) - self._pulled(x, -h * v)) / (2 * h)

    def _slope(self, x: Array, y: Labels) -> Array:
        """The mean loss's gradient in the parameters, flat; valid until the next call."""
        weight_gradients(self._network, x, y, CrossEntropy(), None, self._gradient)
        return self._gradient.theta

    def _pulled(self, x: Array, shift: Array) -> Array:
        """The mean loss's gradient in the rows, at shifted parameters."""
        here = self._theta.copy()
        self._theta += shift
        z, pull = self._network.vjp(x)
        g: Array = pull(CrossEntropy().value_and_grad(z, self._y)[1] / len(x))
        self._theta[:] = here
        return g
