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
    lengths = [radius * (1 + np.cos(np.pi * t / steps)) for t in range(steps)]

    def run() -> Array:
        W1, W2, b1, c1 = -W, -V, -b + np.zeros((n, 1), f), c + np.zeros((n, 1), f)  # -max(a, 0) = min(-a, 0)
        WT, VT = np.ascontiguousarray(W1.T), np.ascontiguousarray(W2.T)
        h, gh, g = np.empty_like(b1), np.empty_like(b1), np.empty_like(x)
        z, odds = np.empty((steps + 1, n, classes), f), np.empty((steps + 1, n), f)
        p, label, rows = np.empty_like(c1), np.empty_like(c1), np.arange(n)
        zero, far, minus = np.zeros_like(h), np.full_like(p, 30), -np.ones(classes, f)
        flat, own = p.reshape(-1), np.arange(0, n * classes, classes) + y
        owns = np.repeat(own, classes).reshape(n, classes)
        far.put(own, -np.inf)
        low, high = np.maximum(x - f(radius), f(0)), np.minimum(x + f(radius), f(1))
        points = np.empty((steps + 1, *x.shape), f)
        points[0] = low + rng.random(x.shape, dtype=f) * (high - low)
        bits, sign, sizes = g.view(np.uint32), np.array(0x80000000, np.uint32), np.array(lengths, f).view(np.uint32)
        at, passed, met, shift = list(points), h.view(np.int32), gh.view(np.int32), np.array(31, np.int32)

        def forward(t: int) -> None:
            np.minimum(np.add(at[t].dot(W1, h), b1, h), zero, out=h)
            out = np.add(h.dot(W2, z[t]), c1, z[t])
            out.take(owns, None, label, "clip")
            np.exp(np.minimum(np.subtract(out, label, p), far, out=p), p)
            flat[own] = p.dot(minus, odds[t])

        for t in range(steps):
            forward(t)
            p.dot(VT, gh)
            np.bitwise_and(met, np.right_shift(passed, shift, passed), met)
            gh.dot(WT, g)
            np.bitwise_or(np.bitwise_and(bits, sign, bits), sizes[t, ...], bits)
            np.minimum(np.maximum(np.add(at[t], g, at[t + 1]), low, out=at[t + 1]), high, out=at[t + 1])
        forward(steps)
        best = odds.argmin(axis=0)
        rest = (z[best, rows].argmax(axis=1) == y).nonzero()[0]
        best[rest] = ((z[:, rest].argmax(axis=2) == y[rest]) * f(1e30) + odds[:, rest]).argmin(axis=0)
        return points[best, rows]

    return run
