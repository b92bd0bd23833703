"""Spectral normalisation: a dense layer divided by its largest singular value, or by sigma / kappa."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import autograd.numpy as anp
import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array
from arena.engine.layers import Dense, Layer
from arena.engine.primitives import affine
from arena.engine.singular_values import power_step, sigma_upper_bound, top_left_vector


@dataclass(frozen=True, eq=False)
class SpectralNorm(Layer):
    """x (kappa W / sigma) + b with sigma = |Wᵀu| (Miyato et al., 2018, arXiv:1802.05957): a layer of constant kappa.

    u is W's top singular vector wherever a user meets the layer; only inside training does it follow W by one
    warm-started power step an update. The gradient goes through sigma.
    """

    dense: Dense
    kappa: float = 1.0
    u: Array = field(default_factory=lambda: np.zeros(0), repr=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.kappa) and self.kappa > 0):
            raise ValueError(f"kappa, the layer's Lipschitz constant, must be finite and above 0; got {self.kappa!r}")
        if not self.dense.W.any():
            raise ValueError("a layer of zeros has no direction to normalise; initialise W first")
        if self.u.size == 0:
            object.__setattr__(self, "u", top_left_vector(self.dense.W))

    @property
    def params(self) -> tuple[Array, ...]:
        """W and b of the dense layer, before normalisation."""
        return self.dense.params

    def with_params(self, params: Sequence[Array]) -> Self:
        """The layer around other weights, normalised exactly."""
        return type(self)(self.dense.with_params(params), self.kappa)  # u is found anew

    def factor(self, W: Any) -> Any:
        """kappa / |Wᵀu|, differentiable in W."""
        return self.kappa / anp.sqrt(anp.sum(anp.dot(W.T, self.u) ** 2))

    def forward(self, params: Sequence[Array], x: Array, rng: Generator | None = None) -> Array:
        """x (kappa W / sigma) + b."""
        W, b = params
        return affine(x, W * self.factor(W), b)

    def pull_weight(self, W: Array, g: Array) -> Array:
        """dL/dW from g = dL/d(kappa W / sigma): factor (g - <g, W> u vᵀ / sigma), with v = Wᵀu / sigma."""
        image = W.T @ self.u
        sigma2 = image @ image
        return self.factor(W) * (g - (np.vdot(g, W) / sigma2) * np.outer(self.u, image))

    def folded(self) -> Dense:
        """The plain dense layer with the same map."""
        return Dense(self.dense.W * self.factor(self.dense.W), self.dense.b)

    def after_step(self) -> Self:
        """The layer with u moved by one power step."""
        return replace(self, u=power_step(self.dense.W, self.u))

    def settled(self) -> Self:
        """The layer with its exact top singular vector."""
        return self.with_params(self.params)

    def lipschitz(self) -> float:
        """An upper bound on the folded layer's largest singular value."""
        return sigma_upper_bound(self.folded().W)
