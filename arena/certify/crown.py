"""Linear bounds, propagated backwards: CROWN (Zhang et al., 2018, arXiv:1811.00866), in L∞, L2 and L1.

ReLU between L < 0 < U: relu(z) <= s (z - L) with s = U / (U - L), and relu(z) >= a z with a = 1 where U > -L, else 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from arena.certify.intervals import Bounds, layer_interval, widened
from arena.certify.network import ReLUNet
from arena.certify.region import Region
from arena.engine.arrays import Array, Labels

Lines: TypeAlias = list[tuple[Array, Array, Array]]
Tighten: TypeAlias = Callable[[int, tuple[Array, Array], Lines, Array], tuple[Array, Array]]


def backward(
    net: ReLUNet, k: int, C: Array, region: Region, lines: Lines, trace: list[Array] | None = None
) -> tuple[Array, Array]:
    """Lower bounds (n, m) on C z_k, for each row's own C (n, m, out_k), given each layer's lines; roundings not taken off.

    Also the coefficients (n, m, d) of the inputs; a `trace` collects those of every hidden h, last layer first.
    """
    A, c = C @ net.W[k].T, C @ net.b[k]
    for i in range(k - 1, -1, -1):
        upper, lower, intercept = lines[i]
        if trace is not None:
            trace.append(A.copy())
        negative = np.minimum(A, 0)
        c = c + np.matmul(negative, intercept[:, :, None])[:, :, 0]
        A -= negative
        A *= lower[:, None]
        negative *= upper[:, None]
        A += negative
        c += A @ net.b[i]
        A = A @ net.W[i].T
    return region.least(A) + c, A


def slopes(L: Array, U: Array) -> tuple[Array, Array, Array]:
    """The upper line's slope, the lower line's, and the upper line's intercept, each shaped like L; NaN bounds give NaN."""
    on, off = L >= 0, U <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.where(on, 1.0, np.where(off, 0.0, U / (U - L)))
    a = np.where(on, 1.0, np.where(off, 0.0, np.where(np.isnan(L + U), np.nan, (U > -L).astype(float))))
    return s, a, np.where(on | off, 0.0, -s * L)


def crown_bounds(net: ReLUNet, region: Region, slack: float, tighten: Tighten | None = None) -> Bounds:
    """Bounds on every hidden z, CROWN ∩ intervals; `tighten` may better each layer's before the next ones are built on them."""
    found: Bounds = []
    lines: Lines = []
    for i, size in enumerate(net.magnitudes(region.largest)[:-1]):
        margin = slack * size
        low, high = widened(layer_interval(net, i, region, found[-1] if found else None), margin)
        if i:
            eye = np.broadcast_to(np.eye(net.W[i].shape[1]), (len(low), *[net.W[i].shape[1]] * 2))
            low = np.fmax(low, backward(net, i, eye, region, lines)[0] - margin)
            high = np.fmin(high, -backward(net, i, -eye, region, lines)[0] + margin)
            low, high = (low, high) if tighten is None else tighten(i, (low, high), lines, margin)
        found.append((low, high))
        lines.append(slopes(low, high))
    return found


def crown_margins(net: ReLUNet, region: Region, y: Labels, bounds: Bounds) -> Array:
    """Lower bounds (n, classes) on z_y - z_k; +inf at k = y."""
    n, eye = len(y), np.eye(net.classes)
    lower = backward(net, len(net) - 1, eye[y][:, None] - eye, region, [slopes(L, U) for L, U in bounds])[0]
    lower[np.arange(n), y] = np.inf
    return lower
