"""Interval bounds: each layer's box from the one before (Gowal et al., 2018, arXiv:1810.12715)."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from arena.certify.network import ReLUNet
from arena.certify.region import Region
from arena.engine.arrays import Array, Labels

Bounds: TypeAlias = list[tuple[Array, Array]]


def layer_interval(net: ReLUNet, i: int, region: Region, before: tuple[Array, Array] | None) -> tuple[Array, Array]:
    """Bounds (n, out) on z_i, from bounds on z_{i-1}, or from the region for the first layer; roundings not yet taken off."""
    W, b = net.W[i], net.b[i]
    if before is None:
        low, high = region.extremes(W)
        return low + b, high + b
    low, high = np.maximum(before[0], 0), np.maximum(before[1], 0)
    middle, half = (low + high) / 2 @ W + b, (high - low) / 2 @ np.abs(W)
    return middle - half, middle + half


def widened(bounds: tuple[Array, Array], margin: Array) -> tuple[Array, Array]:
    """The bounds, each moved out by what rounding may have cost (n, out)."""
    return bounds[0] - margin, bounds[1] + margin


def interval_bounds(net: ReLUNet, region: Region, slack: float) -> Bounds:
    """Bounds on every hidden z."""
    found: Bounds = []
    for i, size in enumerate(net.magnitudes(region.largest)[:-1]):
        found.append(widened(layer_interval(net, i, region, found[-1] if found else None), slack * size))
    return found


def interval_margins(net: ReLUNet, region: Region, y: Labels, bounds: Bounds) -> Array:
    """Lower bounds (n, classes) on z_y - z_k, the labels folded into the last layer; +inf at k = y."""
    n, K = len(y), net.classes
    W, b = net.W[-1], net.b[-1]
    lower = np.empty((n, K))
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        D, c = W[:, [label]] - W, b[label] - b
        folded = ReLUNet((*net.W[:-1], D), (*net.b[:-1], c))
        before = (bounds[-1][0][rows], bounds[-1][1][rows]) if bounds else None
        lower[rows] = layer_interval(folded, len(net) - 1, region.at(rows), before)[0]
    lower[np.arange(n), y] = np.inf
    return lower


def margin_sizes(net: ReLUNet, region: Region, y: Labels) -> Array:
    """The sums of absolute values (n, classes) that meet in z_y - z_k; 0 at k = y."""
    last, rows = net.magnitudes(region.largest)[-1], np.arange(len(y))
    sizes = last + last[rows, y][:, None]
    sizes[rows, y] = 0
    return sizes
