"""Known layers as a hand-derived chain: dense, ReLU and dropout without a tape, in preallocated buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import add, bitwise_and, minimum, right_shift  # by name: a small network's pass is as quick as its calls
from numpy.random import Generator

from arena.engine.arrays import Array
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.spectral_norm import SpectralNorm

_SIGNS = {size: (np.dtype(f"i{size}"), np.array(8 * size - 1, f"i{size}")) for size in (2, 4, 8)}  # how far to shift


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
    """Forward and backward at inference, for a fixed chain; an input gradient never forms weight gradients.

    A rectified stage is held mirrored, -max(a, 0) = min(-a, 0), its signs moved into the weights around it: what passes then
    has its sign bit set, and a shift spreads that bit, in place, into the mask that the gradient meets. No number changes.
    """

    def __init__(self, chain: Sequence[Stage]) -> None:
        self._layers: list[tuple[Array, Array, Array, bool]] = []
        sign = 1
        for stage, (weight, bias) in zip(chain, inference_weights(chain), strict=True):
            turned = -1 if stage.rectified else 1
            W, b = weight if sign == turned else -weight, bias if turned == 1 else -bias
            self._layers.append((np.ascontiguousarray(W), np.ascontiguousarray(W.T), b, stage.rectified))
            sign = turned
        self._outer = sign * (chain[-1].dropout.inference_factor if chain[-1].dropout else 1.0)
        self._bits, self._shift = _SIGNS[W.itemsize]
        self._rows = self._capacity = -1

    def forward(self, x: Array) -> Array:
        """Logits of x (n, features), in an array of their own."""
        if len(x) != self._rows:
            self._fit(len(x))
        h = x
        for W, b, out, zero in self._up:
            h = h.dot(W, out)
            add(h, b, h)
            if zero is not None:
                minimum(h, zero, out=h)
        return h if self._outer == 1 else h * self._outer

    def backward(self, g: Array) -> Array:
        """dL/dx from g = dL/dlogits."""
        if self._outer != 1:  # always so where the last stage is rectified
            g = np.multiply(g, self._outer, self._top)
        shift = self._shift
        for WT, met, passed, out in self._down:
            if met is not None:
                bitwise_and(met, right_shift(passed, shift, passed), met)
            g = g.dot(WT, out)
        return g

    def _fit(self, n: int) -> None:
        """Buffers for n rows, the first of the largest that were needed."""
        if n > self._capacity:
            self._allocate(n)
        self._rows, self._top = n, self._highest[:n]
        self._up: list[tuple[Array, Array, Array | None, Array | None]] = []
        self._down: list[tuple[Array, Array | None, Array, Array]] = []
        above, last = self._top, True
        for (W, WT, _, rectified), (b, zeros, h, g) in zip(self._layers[::-1], self._buffers[::-1], strict=True):
            passed, met = h[:n].view(self._bits), above.view(self._bits) if rectified else None
            self._up.insert(0, (W, b[:n], None if last and not rectified else h[:n], zeros[:n] if rectified else None))
            self._down.append((WT, met, passed, g[:n]))
            above, last = g[:n], False

    def _allocate(self, n: int) -> None:
        """Biases and zeros stand ready in full, for NumPy is far slower where it must broadcast."""
        self._capacity = n
        self._buffers: list[tuple[Array, ...]] = []
        for W, _, b, _ in self._layers:
            zeros = np.zeros((n, len(b)), W.dtype)
            self._buffers.append((zeros + b, zeros, np.empty_like(zeros), np.empty((n, len(W)), W.dtype)))
        self._highest = np.empty_like(zeros)


def forward(chain: Sequence[Stage], x: Array) -> Array:
    """Logits of x (n, features) in fresh arrays."""
    for stage, (W, b) in zip(chain, inference_weights(chain), strict=True):
        x = x @ W
        x += b
        if stage.rectified:
            np.maximum(x, 0, out=x)
    last = chain[-1].dropout
    return x * x.dtype.type(last.inference_factor) if last else x
