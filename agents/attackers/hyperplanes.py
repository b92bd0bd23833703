"""The shortest way to a half space inside the box, exactly, in L∞, L2 and L1: what a linear network's border asks for."""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array
from arena.threat import Ball


def reach(ball: Ball, x: Array, a: Array, c: Array) -> Array:
    """The smallest d (n, k) in the ball's norm with <a, d> >= c (n,) and x + d in the box; the farthest d where none is.

    Every answer has the form sign(a) min(s t, room), with one s a row: t is 1 in L∞ and |a| in L2; in L1 the largest |a| are
    filled first. <a, d> is piecewise linear in s, so sorted breakpoints give s exactly (as in Croce & Hein, 2020,
    arXiv:1907.02044). A row with c <= 0 stays.
    """
    size, room = np.abs(a), np.where(a > 0, ball.box[1] - x, x - ball.box[0])
    room, c = np.where(size > 0, np.maximum(room, 0), 0), np.maximum(c, 0)[:, None]
    if ball.norm == "l1":
        return np.copysign(_greedy(size, room, c), a)
    t = np.ones_like(size) if ball.norm == "linf" else size
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(size > 0, room / t, 0)  # the s at which a coordinate meets the box
    return np.copysign(np.minimum(_scale(size * t, ends, c) * t, room), a)


def _scale(slope: Array, ends: Array, c: Array) -> Array:
    """The s (n, 1) with sum_i slope_i min(s, ends_i) = c, or the largest end where no s is enough."""
    order = np.argsort(ends, axis=1)
    slope, ends = np.take_along_axis(slope, order, 1), np.take_along_axis(ends, order, 1)
    before = np.cumsum(slope * ends, axis=1) - slope * ends
    free = np.cumsum(slope[:, ::-1], axis=1)[:, ::-1]
    enough = before + free * ends >= c
    at = np.where(enough.any(axis=1), enough.argmax(axis=1), ends.shape[1] - 1)[:, None]
    rest = c - np.take_along_axis(before, at, 1)
    flat = np.maximum(np.take_along_axis(free, at, 1), np.finfo(slope.dtype).tiny)
    with np.errstate(over="ignore"):  # a slope too small to get there leads to the largest end
        return np.minimum(np.maximum(rest, 0) / flat, np.take_along_axis(ends, at, 1))


def _greedy(size: Array, room: Array, c: Array) -> Array:
    """Sizes that spend on the largest slopes first until sum size_i d_i = c."""
    order = np.argsort(-size, axis=1, kind="stable")
    slope, space = np.take_along_axis(size, order, 1), np.take_along_axis(room, order, 1)
    before = np.cumsum(slope * space, axis=1) - slope * space
    flat = np.where(slope > 0, slope, 1)
    d = np.empty_like(size)
    with np.errstate(over="ignore"):
        np.put_along_axis(d, order, np.clip((c - before) / flat, 0, space), axis=1)
    return d
