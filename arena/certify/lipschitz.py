"""The margin certificate: a bound on the gradient bounds the change, with the last layer taken pair by pair."""

from __future__ import annotations

import numpy as np

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
    size = net.magnitudes(region.largest)[-1]
    margins = z[rows, y][:, None] - z - pairwise_constants(net)[y] * reach * _UP
    margins -= net.slack(precision) * (size + size[rows, y][:, None])
    margins[rows, y] = np.inf
    return margins


def l2_radii(net: ReLUNet, x: Array) -> Array:
    """The radius (n,) within which no point changes the class read at x; 0 at a tie or NaN."""
    rows, z = np.arange(len(x)), net.logits(x)
    j = z.argmax(axis=1)
    size = net.magnitudes(np.abs(x).astype(np.float64))[-1]
    gaps = z[rows, j][:, None] - z - net.slack() * (size + size[rows, j][:, None])
    constants = np.maximum(pairwise_constants(net)[j], np.finfo(np.float64).tiny)
    gaps[rows, j], constants[rows, j] = np.inf, 1
    radius = (gaps / constants).min(axis=1) / _UP
    return np.where(radius > 0, radius, 0.0)
