"""Exact nearest points of ball ∩ box, and the farthest points along a gradient, in L1, L2 and L∞.

Rows d (n, k) are perturbations; below, a = |d| and b >= 0 is the room to the box in each coordinate's direction.
Every answer has the form sign(d) min(t(a), b): soft-thresholded in L1, scaled in L2, clipped in L∞.
"""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array

_ROUNDS = 200  # Newton needs 3 to 9; halving the bracket every third round bounds the rest


def shrink_l1(a: Array, b: Array, radius: float) -> Array:
    """The L1 projection's sizes min((a - lambda)+, b) with sum at most `radius`, for a, b >= 0 (n, k)."""
    sizes = np.minimum(a, b)
    out = np.flatnonzero(sizes.sum(axis=1) > radius)
    if out.size:
        a, b = a[out], b[out]
        sizes[out] = np.clip(a - _multiplier(a, b, radius), 0, b)
    return sizes


def shrink_l2(a: Array, b: Array, radius: float) -> Array:
    """The L2 projection's sizes min(s a, b), s <= 1, with 2-norm at most `radius`, for a, b >= 0 (n, k)."""
    sizes = np.minimum(a, b)
    out = np.flatnonzero(np.einsum("ij,ij->i", sizes, sizes) > radius**2)
    if out.size:
        a, b = a[out], b[out]
        sizes[out] = np.minimum(_scale(a, b, radius) * a, b)
    return sizes


def fill_l2(a: Array, b: Array, radius: float) -> Array:
    """The sizes min(s a, b) of 2-norm `radius`, or b where it is shorter: the farthest point along a >= 0 (n, k)."""
    biggest = np.maximum(a.max(axis=1, keepdims=True), np.finfo(a.dtype).tiny)
    a = a / biggest
    length = np.sqrt(np.einsum("ij,ij->i", a, a))[:, None]
    a = a * (radius / np.maximum(length, np.finfo(a.dtype).tiny))
    reach = np.where(a > 0, b, 0)
    far = np.einsum("ij,ij->i", reach, reach) > radius**2
    if far.any():
        reach[far] = np.minimum(_scale(a[far], b[far], radius) * a[far], b[far])
    return reach


def fill_l1(a: Array, b: Array, radius: float) -> Array:
    """The sizes of sum at most `radius` that spend the budget on the largest a first: the farthest point along a >= 0."""
    order = np.argsort(-a, axis=1, kind="stable")
    room = np.take_along_axis(np.where(a > 0, b, 0), order, axis=1)
    before = np.cumsum(room, axis=1) - room
    sizes = np.empty_like(a)
    np.put_along_axis(sizes, order, np.clip(radius - before, 0, room), axis=1)
    return sizes


def _multiplier(a: Array, b: Array, radius: float) -> Array:
    """lambda (n, 1) with sum min((a - lambda)+, b) = radius: safeguarded Newton on a piecewise linear, falling sum."""
    low, high = np.zeros((len(a), 1), a.dtype), a.max(axis=1, keepdims=True)
    lam, enough = low, 4 * np.finfo(a.dtype).eps * radius
    for i in range(_ROUNDS):
        sizes = np.clip(a - lam, 0, b)
        excess = sizes.sum(axis=1, keepdims=True) - radius
        done = (np.abs(excess) <= enough) | (high - low <= np.finfo(a.dtype).eps * high)
        if done.all():
            break
        low, high = np.where(excess > 0, lam, low), np.where(excess > 0, high, lam)
        free = ((sizes > 0) & (sizes < b)).sum(axis=1, keepdims=True)
        newton = lam + excess / np.maximum(free, 1)
        inside = (newton > low) & (newton < high) & (free > 0) & (i % 3 < 2)
        lam = np.where(done, lam, np.where(inside, newton, (low + high) / 2)).astype(a.dtype)
    return lam


def _scale(a: Array, b: Array, radius: float) -> Array:
    """s (n, 1) with |min(s a, b)|_2 = radius, given |min(t a, b)|_2 > radius for a large t: rises monotonically to s."""
    saturated = np.zeros(a.shape, bool)
    s = np.zeros((len(a), 1), a.dtype)
    for _ in range(a.shape[1] + 1):
        rest = radius**2 - np.einsum("ij,ij->i", b, np.where(saturated, b, 0))
        free = np.einsum("ij,ij->i", a, np.where(saturated, 0, a))
        s = np.sqrt(np.maximum(rest, 0) / np.maximum(free, np.finfo(a.dtype).tiny))[:, None].astype(a.dtype)
        over = (s * a >= b) & ~saturated & (a > 0)
        if not over.any():
            break
        saturated |= over
    return s
