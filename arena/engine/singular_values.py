"""The largest singular value of a layer: exactly, by one warm-started power step, and as an upper bound.

Power iteration never over-estimates (for a unit vector u, |Wᵀu| <= sigma), so it may steer training
and may not certify anything.
"""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array

_SVD_SLACK = 1e-9  # far above LAPACK's backward error in float64 at the sizes of dense layers


def sigma(W: Array) -> float:
    """The largest singular value of W, by a float64 SVD."""
    return float(np.linalg.norm(W.astype(np.float64), 2))


def sigma_upper_bound(W: Array) -> float:
    """An upper bound on the largest singular value: the SVD's value, rounded up by 1e-9 relative."""
    return sigma(W) * (1 + _SVD_SLACK)


def top_left_vector(W: Array) -> Array:
    """The unit vector u (in,) with |Wᵀu| = sigma(W), by a float64 SVD, in W's dtype."""
    return np.linalg.svd(W.astype(np.float64), full_matrices=False)[0][:, 0].astype(W.dtype)


def power_step(W: Array, u: Array) -> Array:
    """One power iteration from the unit vector u (in,); where W maps u to zero, u itself."""
    v = W.T @ u
    image = W @ v
    length = np.linalg.norm(image)
    return (image / length).astype(W.dtype) if length > 0 else u
