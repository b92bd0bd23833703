"""The limit: PGD on a network of two dense layers as the fewest NumPy calls we know, with nothing around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import default_rng

from arena.engine import Sequential
from arena.engine.arrays import Array, Labels


def bare_pgd(model: Sequential, x: Array, y: Labels, radius: float, steps: int) -> Callable[[], Array]:
    """A function that runs PGD in L∞ on dense-ReLU-dense and keeps each row's best point."""
    f, n, classes, rng = np.float32, len(x), model.classes, default_rng(0)
    (W, b), _, (V, c) = model.params
    starts = np.arange(0, n * classes, classes)
    lengths = [radius * (1 + np.cos(np.pi * t / steps)) for t in range(steps)]

    def run() -> Array:
        WT, VT, eye = np.ascontiguousarray(W.T), np.ascontiguousarray(V.T), np.eye(classes, dtype=f)[y]
        h, gh, mask, g = (
            np.empty((n, len(b)), f),
            np.empty((n, len(b)), f),
            np.empty((n, len(b)), bool),
            np.empty_like(x),
        )
        z, p, total, ones = (
            np.empty((steps + 1, n, classes), f),
            np.empty_like(eye),
            np.empty_like(eye),
            np.ones((classes, classes), f),
        )
        zero, bias, last = np.zeros_like(h), b + np.zeros_like(h), c + np.zeros_like(eye)
        top, best = np.empty(n, f), np.empty(n, np.intp)
        column = top[:, None]
        low, high = np.maximum(x - f(radius), f(0)), np.minimum(x + f(radius), f(1))
        points = np.empty((steps + 1, *x.shape), f)
        points[0] = low + rng.random(x.shape, dtype=f) * (high - low)
        bits, sign, sizes = g.view(np.uint32), np.array(0x80000000, np.uint32), np.array(lengths, f).view(np.uint32)
        at = list(points)

        def forward(t: int) -> Array:
            np.maximum(np.add(at[t].dot(W, h), bias, h), zero, out=h)
            return np.add(h.dot(V, z[t]), last, z[t])

        for t in range(steps):
            out = forward(t)
            out.take(np.add(out.argmax(1, best), starts, best), None, top, "clip")
            np.exp(np.subtract(out, column, p), p)
            np.subtract(np.divide(p, p.dot(ones, total), p), eye, p)
            np.multiply(p.dot(VT, gh), np.greater(h, zero, mask), gh).dot(WT, g)
            np.bitwise_or(np.bitwise_and(bits, sign, bits), sizes[t, ...], bits)
            np.minimum(np.maximum(np.add(at[t], g, at[t + 1]), low, out=at[t + 1]), high, out=at[t + 1])
        forward(steps)
        shifted = z - z.max(axis=2, keepdims=True)
        values = np.log(np.exp(shifted).sum(axis=2)) - shifted[:, np.arange(n), y]
        return points[(values + 100 * (z.argmax(axis=2) != y)).argmax(axis=0), np.arange(n)]

    return run
