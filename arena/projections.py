"""Exact nearest points of ball ∩ box, and the farthest points along a gradient, in L1, L2 and L∞.

Rows d (n, k) are perturbations; below, a = |d|, b >= 0 is the room to the box in each coordinate's direction, and the
radius is one number or one for each row, (n, 1).
Every answer has the form sign(d) min(t(a), b): soft-thresholded in L1, scaled in L2, clipped in L∞.
"""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array

_ROUNDS = 200  # Newton needs 3 to 9; halving the bracket every third round bounds the rest


def shrink_l1(a: Array, b: Array, radius: float | Array) -> Array:
    """The L1 projection's sizes min((a - lambda)+, b) with sum at most `radius`, for a, b >= 0 (n, k)."""
    sizes, radius = np.minimum(a, b), _column(radius, a)
    out = np.flatnonzero(sizes.sum(axis=1) > radius[:, 0])
    if out.size:
        top = a[out].max(axis=1, keepdims=True)
        sizes[out] = _shrunk(a[out] - top, b[out], top, radius[out])
    return sizes


def shrink_l2(a: Array, b: Array, radius: float | Array) -> Array:
    """The L2 projection's sizes min(s a, b), s <= 1, with 2-norm at most `radius`, for a, b >= 0 (n, k)."""
    sizes, radius = np.minimum(a, b), _column(radius, a)
    out = np.flatnonzero(np.einsum("ij,ij->i", sizes, sizes) > radius[:, 0] ** 2)
    if out.size:
        a, radius = a[out], radius[out]
        b = np.minimum(b[out], radius)  # changes no answer, and is finite
        sizes[out] = np.minimum(_scale(a, b, radius) * a, b)
    return sizes


def fill_l2(a: Array, b: Array, radius: float | Array) -> Array:
    """The sizes min(s a, b) of 2-norm `radius`, or b where it is shorter: the farthest point along a >= 0 (n, k)."""
    radius = _column(radius, a)
    biggest = np.maximum(a.max(axis=1, keepdims=True), np.finfo(a.dtype).tiny)
    a = a / biggest
    length = np.sqrt(np.einsum("ij,ij->i", a, a))[:, None]
    a = a * (radius / np.maximum(length, 1))  # below 1 only where all of a is zero
    b = np.minimum(b, radius)  # changes no answer, and is finite
    reach = b * (a > 0)
    far = np.einsum("ij,ij->i", reach, reach) > radius[:, 0] ** 2
    if far.any():
        reach[far] = np.minimum(_scale(a[far], b[far], radius[far]) * a[far], b[far])
    return reach


def fill_l1(a: Array, b: Array, radius: float | Array) -> Array:
    """The sizes of sum at most `radius` that spend the budget on the largest a first: the farthest point along a >= 0."""
    radius = _column(radius, a)
    order = np.argsort(-a, axis=1, kind="stable")
    room = np.take_along_axis(np.where(a > 0, np.minimum(b, radius), 0), order, axis=1)
    before = np.cumsum(room, axis=1, dtype=np.float64) - room
    sizes = np.empty_like(a)
    np.put_along_axis(sizes, order, np.clip(radius - before, 0, room), axis=1)
    return sizes


def _shrunk(a: Array, b: Array, top: Array, radius: Array) -> Array:
    """The sizes min((a + mu)+, b) of sum `radius`, a <= 0 measured from each row's largest, by safeguarded Newton on mu.

    The sum is piecewise linear and rises in mu from 0 to `top` (n, 1); measured from the largest, nothing is lost where
    a is long and the radius short.
    """
    low, high = np.zeros_like(top), top
    mu, enough = top, 4 * np.finfo(a.dtype).eps * radius
    for i in range(_ROUNDS):
        sizes = np.clip(a + mu, 0, b)
        excess = sizes.sum(axis=1, keepdims=True) - radius
        done = (np.abs(excess) <= enough) | (high - low <= np.finfo(a.dtype).eps * high)
        if done.all():
            break
        low, high = np.where(excess > 0, low, mu), np.where(excess > 0, mu, high)
        free = ((sizes > 0) & (sizes < b)).sum(axis=1, keepdims=True)
        newton = mu - excess / np.maximum(free, 1)
        inside = (newton > low) & (newton < high) & (free > 0) & (i % 3 < 2)
        mu = np.where(done, mu, np.where(inside, newton, (low + high) / 2)).astype(a.dtype)
    total = np.maximum(sizes.sum(axis=1, keepdims=True), np.finfo(a.dtype).tiny)
    return sizes * np.minimum(radius / total, 1).astype(a.dtype)


def _scale(a: Array, b: Array, radius: Array) -> Array:
    """The s (n, 1) with |min(s a, b)|_2 = radius, given |min(t a, b)|_2 > radius for a large t: found from below."""
    saturated = np.zeros(a.shape, bool)
    s = np.zeros((len(a), 1), a.dtype)
    for _ in range(a.shape[1] + 1):
        spent, free = b * saturated, a * ~saturated
        rest = radius[:, 0] ** 2 - np.einsum("ij,ij->i", spent, spent)
        length2 = np.maximum(np.einsum("ij,ij->i", free, free), np.finfo(a.dtype).tiny)
        s = np.maximum(s, np.sqrt(np.maximum(rest, 0) / length2)[:, None])
        over = (s * a >= b) & ~saturated & (a > 0)
        if not over.any():
            break
        saturated |= over
    return s


def _column(radius: float | Array, a: Array) -> Array:
    return np.broadcast_to(np.asarray(radius, a.dtype), (len(a), 1))
