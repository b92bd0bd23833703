"""Known layers as a hand-derived chain: dense, ReLU and dropout without a tape, in preallocated buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array, Mask
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

    def __init__(self, chain: Sequence[Stage]) -> None:
        self._outer = chain[-1].dropout.inference_factor if chain[-1].dropout else 1.0
        self._layers = [
            (np.ascontiguousarray(W), np.ascontiguousarray(W.T), b, stage.rectified)
            for stage, (W, b) in zip(chain, inference_weights(chain), strict=True)
        ]
        self._rows = self._capacity = -1

    def forward(self, x: Array) -> Array:
        """Logits of x (n, features)."""
        if len(x) != self._rows:
            self._fit(len(x))
        h = x
        for W, b, out, zero in self._up:
            h = np.add(h.dot(W, out), b, out)
            if zero is not None:
                np.maximum(h, zero, out=h)
        return h if self._outer == 1 else h * self._outer

    def backward(self, g: Array) -> Array:
        """dL/dx from g = dL/dlogits."""
        if self._outer != 1:
            g = g * self._outer
        for WT, h, mask, out, zero in self._down:
            if zero is not None:
                np.multiply(g, np.greater(h, zero, mask), g)
            g = g.dot(WT, out)
        return g

    def _fit(self, n: int) -> None:
        """Buffers for n rows, the first of the largest that were needed."""
        if n > self._capacity:
            self._allocate(n)
        self._rows = n
        self._up: list[tuple[Array, Array, Array, Array | None]] = []
        self._down: list[tuple[Array, Array, Mask, Array, Array | None]] = []
        for (W, WT, _, rectified), (b, zeros, h, mask, g) in zip(self._layers, self._buffers, strict=True):
            zero = zeros[:n] if rectified else None
            self._up.append((W, b[:n], h[:n], zero))
            self._down.insert(0, (WT, h[:n], mask[:n], g[:n], zero))

    def _allocate(self, n: int) -> None:
        """Biases and zeros stand ready in full, for NumPy is far slower where it must broadcast."""
        self._capacity = n
        self._buffers: list[tuple[Array, Array, Array, Mask, Array]] = []
        for W, _, b, _ in self._layers:
            zeros = np.zeros((n, len(b)), W.dtype)
            h, mask, g = np.empty_like(zeros), np.empty(zeros.shape, bool), np.empty((n, len(W)), W.dtype)
            self._buffers.append((zeros + b, zeros, h, mask, g))


def forward(chain: Sequence[Stage], x: Array) -> Array:
    """Logits of x (n, features) in fresh arrays."""
    for stage, (W, b) in zip(chain, inference_weights(chain), strict=True):
        x = x @ W
        x += b
        if stage.rectified:
            np.maximum(x, 0, out=x)
    last = chain[-1].dropout
    return x * x.dtype.type(last.inference_factor) if last else x
