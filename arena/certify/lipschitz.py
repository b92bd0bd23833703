"""The margin certificate: a bound on the gradient bounds the change, with the last layer taken pair by pair."""

from __future__ import annotations

import numpy as np

from arena.ball import PIXEL_ROUNDING, TOLERANCE
from arena.certify.intervals import margin_sizes
from arena.certify.network import Precision, ReLUNet
from arena.certify.region import Region
from arena.certify.sigma import proven_sigma
from arena.engine.arrays import Array, Labels

_UP = 1 + 1e-9


def pairwise_constants(net: ReLUNet) -> Array:
    """K (classes, classes): z_j - z_k changes by at most K_jk |x - x'|_2 (GloRo: Leino et al., 2021, arXiv:2102.08452)."""
    product = 1.0
    for W in net.W[:-1]:
        product *= proven_sigma(W)
    last = net.W[-1]
    return np.linalg.norm(last[:, :, None] - last[:, None, :], axis=0) * product * _UP


def lipschitz_margins(net: ReLUNet, region: Region, y: Labels, precision: Precision) -> Array:
    """Lower bounds (n, classes) on z_y - z_k over the region's L2 ball, roundings taken off; +inf at k = y.

    An L∞ ball of radius r lies in the L2 ball of r sqrt(d), an L1 ball in that of r.
    """
    rows = np.arange(len(y))
    z, reach = (
        net.logits(region.center),
        region.radius * (np.sqrt(region.center.shape[1]) if region.norm == "linf" else 1),
    )
    margins = z[rows, y][:, None] - z - pairwise_constants(net)[y] * reach * _UP
    margins -= net.rounding(margin_sizes(net, region, y), region.largest, precision)
    margins[rows, y] = np.inf
    return margins


def l2_radii(net: ReLUNet, x: Array, precision: Precision = "float64") -> Array:
    """The radius (n,) within which no point changes the class read at x (n, d); 0 at a tie or NaN.

    The network may be run in `precision` anywhere in the ball: both the change and what rounding may do grow with the radius.
    Points that the referee forgives beyond it are covered.
    """
    rows, z, far = np.arange(len(x)), net.logits(x), np.abs(x).astype(np.float64)
    j = z.argmax(axis=1)
    (size, growth), slack = (net.magnitudes(end)[-1] for end in (far, np.ones((1, x.shape[1])))), net.slack(precision)
    with np.errstate(invalid="ignore"):
        gaps = z[rows, j][:, None] - z - slack * (size + size[rows, j][:, None])
        constants = pairwise_constants(net)[j] + slack * (growth + growth[0, j][:, None])
        gaps[rows, j], constants[rows, j] = np.inf, 1
        radius = ((gaps / constants).min(axis=1) / _UP - 2 * PIXEL_ROUNDING) / (1 + 2 * TOLERANCE)
    radius = np.where(radius > 0, radius, 0.0)
    there = far + 2 * radius[:, None]
    held = np.isfinite(net.rounding(net.magnitudes(there)[-1], there, precision)).all(axis=1)
    return np.where(held, radius, 0.0)
