"""Fused operations for the tape, each beside its vector-Jacobian product, and each keeping float32 as float32."""

from __future__ import annotations

import autograd.numpy as anp
from autograd.extend import defvjp, primitive

from arena.engine.arrays import Array


@primitive  # type: ignore[untyped-decorator]  # autograd ships no types
def affine(x: Array, W: Array, b: Array) -> Array:
    """x W + b, with x (n, in), W (in, out), b (out,)."""
    return anp.dot(x, W) + b


defvjp(
    affine,
    lambda ans, x, W, b: lambda g: anp.dot(g, W.T),
    lambda ans, x, W, b: lambda g: anp.dot(x.T, g),
    lambda ans, x, W, b: lambda g: anp.sum(g, axis=0),
)


@primitive  # type: ignore[untyped-decorator]  # autograd ships no types
def relu(x: Array) -> Array:
    """max(x, 0); its derivative at 0 is 0. autograd's own maximum returns a float64 gradient."""
    return anp.maximum(x, 0)


defvjp(relu, lambda ans, x: lambda g: g * (ans > 0))
