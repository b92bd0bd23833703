"""Randomised smoothing: a vote under Gaussian noise, certified by counting (Cohen et al., 2019, arXiv:1902.02918)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from arena.checks import positive, share, whole
from arena.engine.arrays import Array, Indices, Labels, Mask
from arena.engine.model import Model

ABSTAIN = -1
_ROWS = 20_000  # noisy rows held at once


@dataclass(frozen=True, eq=False)
class Smoothed:
    """For each row the vote's class, ABSTAIN where the count does not decide, and the L2 radius (n,) it is certified in.

    Each row's statement holds with probability `confidence`; it is about the vote, not about the network under it, and in real
    arithmetic: sampling in floating point is not part of the proof.
    """

    labels: Labels
    radii: Array
    confidence: float
    sigma: float

    def certified(self, y: Labels, radius: float) -> Mask:
        """Which rows (n,) are read as y everywhere within the radius; an abstention never is."""
        return (self.labels == y) & (self.radii > radius)


@dataclass(frozen=True, kw_only=True)
class Smoothing:
    """Noise of `sigma` pixels: `guesses` votes choose a class, `samples` others count it; wrong for a share `alpha` of rows."""

    sigma: float = 0.25
    guesses: int = 100
    samples: int = 1000
    alpha: float = 0.001

    def __post_init__(self) -> None:
        positive("sigma", self.sigma)
        whole("guesses", self.guesses)
        whole("samples", self.samples)
        positive("alpha", self.alpha)
        share("alpha", self.alpha)

    def certify(self, model: Model, x: Array, rng: Generator) -> Smoothed:
        """Votes on rows x (n, d), with Clopper and Pearson's lower bound on the winner's share; abstains below one half."""
        read, radii = np.full(len(x), ABSTAIN, np.intp), np.zeros(len(x))
        for i, own in enumerate(rng.spawn(len(x))):
            guess = int(self._votes(model, x[i], self.guesses, own).argmax())
            count = int(self._votes(model, x[i], self.samples, own)[guess])
            radius = self.radius(count)
            if radius > 0:
                read[i], radii[i] = guess, radius
        return Smoothed(read, radii, 1 - self.alpha, self.sigma)

    def radius(self, count: int) -> float:
        """Sigma Phi^-1(p) for p the lower confidence bound on a share of `count` of the samples; 0 where it abstains."""
        from scipy.stats import beta, norm

        p = 0.0 if count == 0 else float(beta.ppf(self.alpha, count, self.samples - count + 1))
        return self.sigma * float(norm.ppf(p)) if p > 0.5 else 0.0

    def _votes(self, model: Model, x: Array, n: int, rng: Generator) -> Indices:
        counts = np.zeros(model.classes, np.intp)
        for start in range(0, n, _ROWS):
            noise = rng.standard_normal((min(_ROWS, n - start), len(x)), dtype=np.float32)
            z = np.asarray(model.logits(x.astype(np.float32) + np.float32(self.sigma) * noise))
            read = z.argmax(axis=1)[np.isfinite(z).all(axis=1)]
            counts += np.bincount(read, minlength=model.classes)
        return counts
