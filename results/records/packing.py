"""Outcomes and query counts as bytes: a bit a test point, and an unsigned 32-bit little-endian integer a test point."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

COUNT = np.dtype("<u4")
MOST = int(np.iinfo(COUNT).max)


def flat_hits(hits: npt.ArrayLike, name: str) -> Hits:
    """Take booleans of shape (points,); raises ValueError for anything else, labels above all."""
    array = np.asarray(hits)
    if array.ndim != 1 or array.dtype != np.bool_:
        raise ValueError(f"{name}: booleans of shape (points,), not {array.dtype} of {array.shape}; compare labels")
    return array


def pack_counts(counts: npt.ArrayLike | None, points: int) -> bytes:
    """Pack the queries about each point, shape (points,); None packs into nothing. Raises ValueError for no counts."""
    if counts is None:
        return b""
    array = np.asarray(counts)
    if array.shape != (points,) or array.dtype.kind not in "iu":
        raise ValueError(f"queries: integers of shape ({points},), not {array.dtype} of {array.shape}; count per point")
    if array.size and not (array.min() >= 0 and array.max() <= MOST):
        raise ValueError(f"queries: from 0 to {MOST} a point, not {array.min()} to {array.max()}")
    return array.astype(COUNT).tobytes()


def check_hits(field: str, hits: bytes, points: int) -> None:
    """Raise ValueError unless the bytes are what `np.packbits` makes of so many points."""
    expected = math.ceil(points / 8)
    if len(hits) != expected:
        raise ValueError(f"{field}: {points} points pack into {expected} bytes, not {len(hits)}; use Record.of")
    if hits and hits[-1] & (0xFF >> (points - 1) % 8 + 1):
        raise ValueError(f"{field}: the bits after point {points} must be zero; use Record.of")


def check_counts(counts: bytes, points: int) -> None:
    """Raise ValueError unless the bytes are the counts of so many points, or none at all."""
    expected = COUNT.itemsize * points
    if len(counts) not in (0, expected):
        raise ValueError(f"queries: {points} points take {expected} bytes or none, not {len(counts)}; use Record.of")


def unpack_hits(hits: bytes, points: int) -> Hits:
    """Undo `np.packbits`: shape (points,), or (0,) for no bytes."""
    if not hits:
        return np.zeros(0, dtype=np.bool_)
    return np.unpackbits(np.frombuffer(hits, dtype=np.uint8), count=points).astype(np.bool_)


def unpack_rows(hits: Sequence[bytes], points: int) -> Hits:
    """Undo `np.packbits` for several rows of as many points at once: shape (rows, points)."""
    packed = np.frombuffer(b"".join(hits), dtype=np.uint8).reshape(len(hits), -1)
    return np.unpackbits(packed, axis=1, count=points).view(np.bool_)


def unpack_counts(counts: bytes) -> Counts:
    """Undo `pack_counts`: shape (points,), or (0,) for no bytes."""
    return np.frombuffer(counts, dtype=COUNT).astype(np.int64)
