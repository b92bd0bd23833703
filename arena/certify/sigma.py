"""Upper bounds on the largest singular value that are proven in floating point; power iteration proves nothing."""

from __future__ import annotations

import numpy as np

from arena.certify.network import gamma
from arena.engine.arrays import Array
from arena.engine.singular_values import sigma
from arena.errors import InvalidValue

_U = 2.0**-53
_TRIES = (1e-10, 1e-8, 1e-6, 1e-4)


def proves(W: Array, bound: float) -> bool:
    """Whether |W|_2 <= bound is proven: s² I - Wᵀ W less every rounding has a Cholesky factor.

    The shift covers the product, the subtraction and the factorisation itself (Rump, 2006, BIT 46, "Verification of positive
    definiteness"). False means not proven, never disproven; NaN proves nothing.
    """
    W = np.asarray(W, np.float64)
    W = W if W.shape[0] >= W.shape[1] else W.T
    m, n = W.shape
    square = bound * bound
    frobenius = float(np.einsum("ij,ij->", W, W))
    if not (np.isfinite(square) and np.isfinite(frobenius)):
        return False
    trace = n * square + frobenius
    shift = 1.01 * (gamma(m + 2) * frobenius + 4 * _U * square + gamma(n + 1) / (1 - gamma(n + 1)) * trace)
    shift += n * np.finfo(np.float64).tiny
    try:
        factor = np.linalg.cholesky((square - shift) * np.eye(n) - W.T @ W)
    except np.linalg.LinAlgError:
        return False
    return bool(np.isfinite(factor).all())


def proven_sigma(W: Array) -> float:
    """A proven upper bound on |W|_2, within 1e-9 relative for dense layers; InvalidValue where W holds NaN or infinity."""
    W = np.asarray(W, np.float64)
    if not np.isfinite(W).all():
        raise InvalidValue("a singular value can only be bounded for a finite matrix; W holds NaN or infinity")
    scale = float(np.abs(W).max(initial=0.0))
    if scale == 0:
        return 0.0
    scale = 2.0 ** np.ceil(np.log2(scale))  # an exact division: nothing under- or overflows in the squares
    found = sigma(W / scale)
    for slack in _TRIES:
        if proves(W / scale, found * (1 + slack)):
            return float(found * (1 + slack) * scale)
    return gram_bound(W)


def gram_bound(W: Array, steps: int = 8) -> float:
    """An upper bound by Gram iteration, |G_t|_F^(1/2^t) with G_{t+1} = G_tᵀ G_t (Delattre et al., 2023, arXiv:2305.16173).

    Above |W|_2 by at most rank^(1/2^(t+1)); no singular value decomposition is trusted.
    """
    G = np.asarray(W, np.float64)
    G = G if G.shape[0] >= G.shape[1] else G.T
    rounding, log = max(G.shape) * gamma(max(G.shape) + 4), 0.0
    for step in range(steps + 1):
        length = float(np.sqrt(np.einsum("ij,ij->", G, G)))
        if length == 0:
            return 0.0
        if step == steps:
            return float(np.exp((log + np.log(length)) / 2**steps) * (1 + 1e-12) * (1 + rounding) ** 2)
        G, log = G / length, 2 * (log + np.log(length))
        G = G.T @ G
    raise AssertionError("unreachable")
