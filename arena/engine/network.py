"""A network: layers one after another, frozen; its gradients are returned and never stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from autograd.core import make_vjp
from numpy.random import Generator

from arena.engine import chain
from arena.engine.arrays import Array, rows
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.model import Pass, VjpPass
from arena.engine.spectral_norm import SpectralNorm

Params: TypeAlias = tuple[tuple[Array, ...], ...]


@dataclass(frozen=True, eq=False)
class Sequential:
    """Layers applied in order: rows (n, features) to logits (n, classes).

    Dense, SpectralNorm, ReLU and Dropout run as a hand-derived chain; any other layer brings in the tape.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        _check_widths(self.layers)

    @property
    def params(self) -> Params:
        """The parameters of each layer."""
        return tuple(layer.params for layer in self.layers)

    def with_params(self, params: Params) -> Sequential:
        """The same network with other parameters."""
        pairs = zip(self.layers, params, strict=True)
        return Sequential(tuple(layer.with_params(p) for layer, p in pairs))

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters: float32 unless the user made them float64."""
        return next((p.dtype for layer in self.params for p in layer), np.dtype(np.float32))

    @cached_property
    def features(self) -> int:
        """The length of an input row, from the first layer with a weight matrix."""
        return next(p.shape[0] for layer in self.params for p in layer if p.ndim == 2)

    @cached_property
    def classes(self) -> int:
        """The number of logits."""
        return int(self.forward(self.params, np.zeros((1, self.features), self.dtype)).shape[1])

    @cached_property
    def stages(self) -> tuple[chain.Stage, ...] | None:
        """The hand-derived chain, or None where the tape is needed."""
        return chain.stages(self.layers)

    def forward(self, params: Params, x: Array, rng: Generator | None = None) -> Array:
        """Logits as a function of the parameters given, for the tape; a generator means training noise."""
        for layer, own in zip(self.layers, params, strict=True):
            x = layer.forward(own, x, rng)
        return x

    def logits(self, x: Array) -> Array:
        """Logits (n, classes) at inference; ValueError on wrong shapes or NaN."""
        x = rows(x, self.features).astype(self.dtype, copy=False)
        return self.forward(self.params, x) if self.stages is None else chain.forward(self.stages, x)

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Logits, and the function from dL/dlogits to dL/dx; ValueError on wrong shapes or NaN."""
        x = rows(x, self.features).astype(self.dtype, copy=False)
        if self.stages is None:
            pull, logits = make_vjp(lambda z: self.forward(self.params, z), x)
            return logits, pull
        step = chain.ChainPass(self.stages)
        return step.forward(x), lambda g: step.backward(np.array(g, x.dtype)).copy()  # the pass keeps its buffers

    def passes(self) -> Pass:
        """A pass with work buffers of its own; x must be of the network's dtype."""
        return VjpPass(self) if self.stages is None else chain.ChainPass(self.stages)

    def lipschitz(self) -> float:
        """An upper bound on the L2 Lipschitz constant from rows to logits: the product of the layers' bounds."""
        return float(np.prod([layer.lipschitz() for layer in self.layers]))


def _check_widths(layers: Sequence[Layer]) -> None:
    """Require each known layer to read as many features as the one before it gives; a user's own may change the width."""
    width, giver = None, ""
    for i, layer in enumerate(layers):
        name = f"layer {i} ({type(layer).__name__})"
        if type(layer) in (Dense, SpectralNorm):
            reads, gives = layer.params[0].shape
            if width not in (None, reads):
                raise ValueError(f"{giver} gives {width} features, but {name} reads {reads}: make them equal")
            width, giver = gives, name
        elif type(layer) not in (ReLU, Dropout):
            width = None


def mlp(
    sizes: Sequence[int],
    *,
    rng: Generator,
    dropout: float = 0.0,
    kappa: float | None = None,
    activation: Layer | None = None,
) -> Sequential:
    """A dense network of the given sizes, He-initialised; activation (ReLU) and dropout between its layers.

    `dropout` is the share dropped, in [0, 1); `kappa` wraps every dense layer in SpectralNorm(kappa).
    """
    if len(sizes) < 2 or any(size < 1 for size in sizes):
        raise ValueError(
            f"sizes must be at least two whole numbers of 1 or more, (features, …, classes); got {sizes!r}"
        )
    between = (activation or ReLU(), *((Dropout(dropout),) if dropout else ()))
    layers: list[Layer] = []
    for fan_in, fan_out in pairwise(sizes):
        dense = Dense.he(fan_in, fan_out, rng)
        layers += [dense if kappa is None else SpectralNorm(dense, kappa), *between]
    return Sequential(tuple(layers[: -len(between)]))
