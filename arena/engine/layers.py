"""Layers: frozen values whose arrays are their parameters; `rng=None` is inference, a generator is training noise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.random import Generator

from arena.checks import flag
from arena.engine.arrays import Array
from arena.engine.primitives import affine, relu
from arena.engine.singular_values import sigma_upper_bound


class Layer(ABC):
    """A differentiable map of rows; write `forward` with autograd.numpy and the whole engine works with it.

    A layer with parameters is a frozen dataclass that names its array fields in `weights`.
    """

    weights: ClassVar[tuple[str, ...]] = ()

    @property
    def params(self) -> tuple[Array, ...]:
        """The parameter arrays, in the order of `weights`."""
        return tuple(getattr(self, name) for name in self.weights)

    def with_params(self, params: Sequence[Array]) -> Self:
        """The same layer with other parameter arrays."""
        if not self.weights:
            return self
        return replace(self, **dict(zip(self.weights, params, strict=True)))  # type: ignore[type-var]  # a dataclass

    @abstractmethod
    def forward(self, params: Sequence[Array], x: Array, rng: Generator | None = None) -> Array:
        """Rows (n, in) to rows (n, out), as a function of the parameters given and of nothing stored."""

    def after_step(self) -> Self:
        """What the layer becomes after an optimiser's step; only layers that track their weights differ from themselves."""
        return self

    def settled(self) -> Self:
        """What the layer becomes when training ends."""
        return self

    def lipschitz(self) -> float:
        """An upper bound on the layer's L2 Lipschitz constant at inference; TypeError if the layer declares none."""
        raise TypeError(f"{type(self).__name__} declares no Lipschitz constant: give it a method lipschitz() -> float")


@dataclass(frozen=True, eq=False)
class Dense(Layer):
    """The affine map x W + b, with W (in, out) and b (out,)."""

    weights = ("W", "b")
    W: Array
    b: Array

    @classmethod
    def of(cls, W: object, b: object | None = None) -> Dense:
        """A layer from given weights, W (in, out), b (out,) or zeros; ValueError on other shapes or on NaN."""
        weight = _parameter("W", W, 2)
        bias = np.zeros(weight.shape[1], weight.dtype) if b is None else _parameter("b", b, 1).astype(weight.dtype)
        if bias.shape != (weight.shape[1],):
            raise ValueError(f"b must have shape ({weight.shape[1]},) to fit W {weight.shape}; got {bias.shape}")
        return cls(weight, bias)

    @classmethod
    def he(cls, fan_in: int, fan_out: int, rng: Generator) -> Dense:
        """He initialisation, W ~ N(0, 2 / fan_in), b = 0 (He et al., 2015, arXiv:1502.01852)."""
        W = rng.standard_normal((fan_in, fan_out), dtype=np.float32) * np.float32(np.sqrt(2 / fan_in))
        return cls(W, np.zeros(fan_out, np.float32))

    def forward(self, params: Sequence[Array], x: Array, rng: Generator | None = None) -> Array:
        """x W + b."""
        W, b = params
        return affine(x, W, b)

    def lipschitz(self) -> float:
        """The largest singular value of W, rounded up."""
        return sigma_upper_bound(self.W)


@dataclass(frozen=True, eq=False)
class ReLU(Layer):
    """max(x, 0), elementwise."""

    def forward(self, params: Sequence[Array], x: Array, rng: Generator | None = None) -> Array:
        """max(x, 0)."""
        return relu(x)

    def lipschitz(self) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True, eq=False)
class Dropout(Layer):
    """Drops each input with probability `rate` in training (Srivastava et al., 2014).

    `inverted=True` divides the kept ones by the keep probability in training and leaves inference alone;
    `inverted=False` leaves training alone and multiplies by the keep probability at inference.
    """

    rate: float
    inverted: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise ValueError(f"rate is the share dropped, in [0, 1); got {self.rate!r}")
        flag("inverted", self.inverted)

    @property
    def keep(self) -> float:
        """The probability that an input is kept."""
        return 1.0 - self.rate

    @property
    def inference_factor(self) -> float:
        """What inference multiplies by."""
        return 1.0 if self.inverted else self.keep

    def mask(self, shape: tuple[int, ...], dtype: np.dtype[np.floating], rng: Generator) -> Array:
        """A training mask: 0 where dropped, else 1 or, inverted, 1 / keep."""
        kept = rng.random(shape, dtype=np.float32) >= self.rate
        return kept * dtype.type(1 / self.keep if self.inverted else 1)

    def forward(self, params: Sequence[Array], x: Array, rng: Generator | None = None) -> Array:
        """x times the mask in training, x times the inference factor otherwise."""
        if rng is None:
            return x if self.inverted else x * self.keep
        return x * self.mask(x.shape, x.dtype, rng)

    def lipschitz(self) -> float:
        """The inference factor."""
        return self.inference_factor


def _parameter(name: str, value: object, ndim: int) -> Array:
    array = np.asarray(value)
    array = array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)
    if array.ndim != ndim or not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be a finite array of {ndim} dimensions; got shape {array.shape}, NaN or infinity"
        )
    return array
