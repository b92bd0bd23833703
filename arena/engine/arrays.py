"""What crosses the engine's border: rows of features and labels, checked once and by name."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Labels: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

_STEEPEST = 1e30


def rows(x: object, features: int | None = None, *, name: str = "x") -> Array:
    """Return `x` as floating rows (n, d); ValueError on another shape, on NaN or on infinity."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers; got dtype {array.dtype}")
    if array.dtype.kind != "f":
        array = array.astype(np.float32)
    if array.ndim != 2 or (features is not None and array.shape[1] != features):
        wanted = "(n, features)" if features is None else f"(n, {features})"
        raise ValueError(f"{name} must be rows of shape {wanted}; got {array.shape}")
    if not np.isfinite(array.sum()) and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; row {_first_bad(array)} holds NaN or infinity")
    return array


def labels(y: object, n: int, classes: int | None = None, *, name: str = "y") -> Labels:
    """Return `y` as labels (n,); ValueError on non-integers, another length or a label outside [0, classes)."""
    array = np.asarray(y)
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"{name} must hold integer labels; got dtype {array.dtype}: use y.astype(int) if they are whole"
        )
    if array.shape != (n,):
        raise ValueError(f"{name} must have one label for each of the {n} rows, shape ({n},); got {array.shape}")
    low, high = (int(array.min()), int(array.max())) if n else (0, 0)
    most = np.iinfo(np.intp).max if classes is None else classes - 1  # a larger uint64 would turn negative
    if low < 0 or high > most:
        limit = "0 or more" if low < 0 and classes is None else f"in 0..{most}"
        raise ValueError(f"{name} must hold labels {limit}; got {low if low < 0 else high}")
    return array.astype(np.intp, copy=False)


def finite(g: Array) -> Array:
    """Gradients (n, d) that a point can follow: NaN and infinity are no slope, rows beyond 1e30 keep their direction alone."""
    if (np.abs(g) <= _STEEPEST).all():
        return g
    g = np.where(np.isfinite(g), g, 0)
    largest = np.abs(g).max(axis=1, keepdims=True)
    return np.divide(g, largest, out=g, where=largest > _STEEPEST)


def _first_bad(array: Array) -> int:
    return int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
