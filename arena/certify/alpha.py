"""CROWN with the lower lines' slopes optimised, for each bound its own: α-CROWN (Xu et al., 2021, arXiv:2011.13824).

Any slope in [0, 1] gives a proof, so that nothing about the search has to be trusted.
"""

from __future__ import annotations

import numpy as np

from arena.certify.crown import Lines, backward, crown_bounds, crown_margins, slopes
from arena.certify.intervals import Bounds
from arena.certify.network import ReLUNet
from arena.certify.region import Region
from arena.engine.arrays import Array, Indices, Labels

STEPS, _RATE, _DECAY = 25, 0.5, 0.93


def alpha_bounds(net: ReLUNet, region: Region, slack: float) -> Bounds:
    """CROWN's bounds on every hidden z, optimised for the neurons whose sign they leave open."""

    def tighten(i: int, bounds: tuple[Array, Array], lines: Lines, margin: Array) -> tuple[Array, Array]:
        low, high = (bound.copy() for bound in bounds)
        open_, eye = np.nonzero((low < 0) & (high > 0)), np.eye(low.shape[1])
        need = margin[open_]
        low[open_] = np.fmax(low[open_], climbed(net, i, eye[open_[1]], open_[0], region, lines, need) - need)
        high[open_] = np.fmin(high[open_], need - climbed(net, i, -eye[open_[1]], open_[0], region, lines, need))
        return low, high

    return crown_bounds(net, region, slack, tighten)


def alpha_margins(net: ReLUNet, region: Region, y: Labels, need: Array) -> Array:
    """Lower bounds (n, classes) on z_y - z_k, optimised until they are above `need`, what rounding will take off."""
    bounds, eye = alpha_bounds(net, region, net.slack()), np.eye(net.classes)
    lower = crown_margins(net, region, y, bounds)
    rows, aims = np.nonzero(~(lower > need))
    lines = [slopes(L, U) for L, U in bounds]
    found = climbed(net, len(net) - 1, eye[y[rows]] - eye[aims], rows, region, lines, need[rows, aims])
    lower[rows, aims] = np.fmax(lower[rows, aims], found)
    return lower


def climbed(net: ReLUNet, k: int, C: Array, rows: Indices, region: Region, lines: Lines, need: Array) -> Array:
    """The best lower bounds (p,) on C z_k, C (p, out_k), over the regions of `rows` (p,), by Adam on their slopes.

    A bound above its `need` (p,) is left alone.
    """
    best, left = np.full(len(C), -np.inf), np.arange(len(C))
    region, lines = region.at(rows), [(s[rows], a[rows], t[rows]) for s, a, t in lines]
    moments = [(np.zeros_like(a), np.zeros_like(a)) for _, a, _ in lines]
    for step in range(STEPS if k and len(C) else 0):
        bound, gradients = _bound(net, k, C[left, None], region, lines)
        best[left] = np.fmax(best[left], bound)
        lines, moments = _risen(lines, moments, gradients, step)
        keep = np.flatnonzero(~(best[left] > need[left]))
        if len(keep) < len(left):
            left, region = left[keep], region.at(keep)
            lines = [(s[keep], a[keep], t[keep]) for s, a, t in lines]
            moments = [(m[keep], v[keep]) for m, v in moments]
        if not left.size:
            break
    return best


def _risen(
    lines: Lines, moments: list[tuple[Array, Array]], gradients: list[Array], step: int
) -> tuple[Lines, list[tuple[Array, Array]]]:
    """One step of Adam uphill, for the slopes of neurons whose sign is open."""
    kept = [(0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2) for (m, v), g in zip(moments, gradients, strict=True)]
    rate, first, second = _RATE * _DECAY**step, 1 - 0.9 ** (step + 1), 1 - 0.99 ** (step + 1)
    raised = [
        (s, np.where(t > 0, np.clip(a + rate * (m / first) / (np.sqrt(v / second) + 1e-12), 0, 1), a), t)
        for (s, a, t), (m, v) in zip(lines, kept, strict=True)
    ]
    return raised, kept


def _bound(net: ReLUNet, k: int, C: Array, region: Region, lines: Lines) -> tuple[Array, list[Array]]:
    """The bounds (p,), and their gradients in each layer's lower slopes: forward from the input where the bound is met."""
    trace: list[Array] = []
    bound, A = backward(net, k, C, region, lines, trace)
    h = region.where_least(A)[:, 0]
    gradients: list[Array] = []
    for (s, a, t), coefficients, W, b in zip(lines, reversed(trace), net.W, net.b, strict=False):
        z, own = h @ W + b, coefficients[:, 0]
        gradients.append(np.maximum(own, 0) * z)
        h = np.where(own > 0, a * z, s * z + t)
    return bound[:, 0], gradients
