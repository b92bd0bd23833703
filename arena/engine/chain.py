"""Known layers as a hand-derived chain: dense, ReLU and dropout without a tape, in preallocated buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.spectral_norm import SpectralNorm


@dataclass(frozen=True, eq=False)
class Stage:
    """One affine layer with the ReLU and the dropout that follow it."""

    affine: Dense | SpectralNorm
    rectified: bool = False
    dropout: Dropout | None = None

    @property
    def weight(self) -> Array:
        """The weight matrix that the rows meet, normalised where the layer is."""
        return self.affine.folded().W if isinstance(self.affine, SpectralNorm) else self.affine.W

    @property
    def bias(self) -> Array:
        """The bias that is added."""
        return self.affine.params[1]

    def scale(self, shape: tuple[int, ...], dtype: np.dtype[Any], rng: Generator | None) -> Array | None:
        """What dropout multiplies by, a mask in training; None where it changes nothing."""
        if self.dropout is None:
            return None
        if rng is not None:
            return self.dropout.mask(shape, dtype, rng)
        factor = self.dropout.inference_factor
        return None if factor == 1 else np.asarray(factor, dtype)


def stages(layers: Sequence[Layer]) -> tuple[Stage, ...] | None:
    """The layers as stages, or None where one is not known or stands out of order: then the tape takes over."""
    found: list[Stage] = []
    for layer in layers:
        if type(layer) in (Dense, SpectralNorm):
            found.append(Stage(layer))  # type: ignore[arg-type]  # the line above has shown its type
        elif not found or found[-1].dropout is not None:
            return None
        elif type(layer) is ReLU:
            found[-1] = replace(found[-1], rectified=True)
        elif type(layer) is Dropout:
            found[-1] = replace(found[-1], dropout=layer)
        else:
            return None
    return tuple(found) or None


def inference_weights(chain: Sequence[Stage]) -> list[tuple[Array, Array]]:
    """(W, b) of each stage at inference: normalised layers folded, dropout's factor moved into the next W."""
    weights, factor = [], 1.0
    for stage in chain:
        W = stage.weight
        weights.append((W if factor == 1 else W * W.dtype.type(factor), stage.bias))
        factor = stage.dropout.inference_factor if stage.dropout else 1.0
    return weights


class ChainPass:
    """Forward and backward at inference, for a fixed chain; an input gradient never forms weight gradients."""

    def __init__(self, chain: Sequence[Stage], rows: int) -> None:
        weights = inference_weights(chain)
        self._outer = chain[-1].dropout.inference_factor if chain[-1].dropout else 1.0
        self._W = [np.ascontiguousarray(W) for W, _ in weights]
        self._WT = [np.ascontiguousarray(W.T) for W, _ in weights]
        self._b = [b for _, b in weights]
        self._rectified = [stage.rectified for stage in chain]
        dtype = self._W[0].dtype
        self._zero = dtype.type(0)
        self._buffers = [
            (np.empty((rows, len(b)), dtype), np.empty((rows, len(b)), bool), np.empty((rows, len(W)), dtype))
            for W, b in weights
        ]
        self._rows = -1

    def forward(self, x: Array) -> Array:
        """Logits of x (n, features), n at most the rows the pass was made for."""
        if len(x) != self._rows:
            self._fit(len(x))
        h = x
        for W, b, out, rectified in self._up:
            np.dot(h, W, out)
            np.add(out, b, out)
            if rectified:
                np.maximum(out, self._zero, out=out)
            h = out
        return h if self._outer == 1 else h * self._outer

    def backward(self, g: Array) -> Array:
        """dL/dx from g = dL/dlogits."""
        if self._outer != 1:
            g = g * self._outer
        for WT, h, mask, out, rectified in self._down:
            if rectified:
                np.greater(h, self._zero, mask)
                np.multiply(g, mask, g)
            np.dot(g, WT, out)
            g = out
        return g

    def _fit(self, n: int) -> None:
        cut = [(h[:n], mask[:n], g[:n]) for h, mask, g in self._buffers]
        self._up = [(W, b, h, r) for W, b, (h, _, _), r in zip(self._W, self._b, cut, self._rectified, strict=True)]
        self._down = [(WT, h, mask, g, r) for WT, (h, mask, g), r in zip(self._WT, cut, self._rectified, strict=True)][
            ::-1
        ]
        self._rows = n


def forward(chain: Sequence[Stage], x: Array) -> Array:
    """Logits of x (n, features) in fresh arrays."""
    for stage, (W, b) in zip(chain, inference_weights(chain), strict=True):
        x = x @ W
        x += b
        if stage.rectified:
            np.maximum(x, 0, out=x)
    last = chain[-1].dropout
    return x * x.dtype.type(last.inference_factor) if last else x
