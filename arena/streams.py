"""Random streams keyed by content: what a stream is for decides its numbers, never its position in a list."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray


def digest(*parts: object) -> str:
    """A SHA-256 over the parts, each delimited: bytes as they are, anything else as text."""
    whole = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode()
        whole.update(len(content).to_bytes(8, "big"))
        whole.update(content)
    return whole.hexdigest()


def stream(*parts: object) -> Generator:
    """The generator that belongs to the parts: (seed, scenario, player, turn, …)."""
    words = np.frombuffer(bytes.fromhex(digest(*parts)), np.uint32)
    return np.random.Generator(np.random.PCG64(SeedSequence([int(word) for word in words])))


class RowStreams:
    """A stream for each row, keyed by the row's content: what a row draws depends on no other row, nor on the batch.

    Counter-based (splitmix64), so that any draw of any subset of rows is one vectorised expression; a key is the
    stream's number mixed with a multilinear hash of the row's numbers. Equal rows draw the same.
    """

    def __init__(self, x: NDArray[Any], rng: Generator) -> None:
        words = x.astype(np.float64).view(np.uint64)
        words ^= words >> _HALF  # a float32's last bits are zeros here: multiplied they would stay so
        self._keys = _mixed(words @ _coefficients(x.shape[1]) + rng.integers(2**63, dtype=np.uint64))

    def uniform(self, rows: NDArray[np.intp] | slice, draw: int | NDArray[np.intp], k: int) -> NDArray[np.float32]:
        """K numbers in [0, 1) for each of the given rows (m,), at the row's draw number (a scalar or (m,)): (m, k)."""
        start = self._keys[rows] + np.asarray(draw, np.uint64) * _DRAW
        bits = _mixed(start[:, None] + _counter((k + 1) // 2)).view(np.uint32)[:, :k]
        u = (bits >> _BYTE).astype(np.float32)
        u *= _ULP
        return u

    def normal(self, rows: NDArray[np.intp] | slice, draw: int | NDArray[np.intp], k: int) -> NDArray[np.float32]:
        """K standard normal numbers for each of the given rows, by Box and Muller: (m, k)."""
        half = (k + 1) // 2
        u = self.uniform(rows, draw, 2 * half)
        radius = np.sqrt(-2 * np.log(1 - u[:, :half]))
        angle = np.float32(2 * np.pi) * u[:, half:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)[:, :k]


# Arrays of no dimension: NumPy is slower to convert a scalar than to compute with it.
_GOLDEN, _DRAW = np.array(0x9E3779B97F4A7C15, np.uint64), np.array(0xD1342543DE82EF95, np.uint64)
_HALF, _BYTE, _ULP = np.array(32, np.uint64), np.array(8, np.uint32), np.array(2.0**-24, np.float32)
_SHIFTS = tuple(np.array(shift, np.uint64) for shift in (30, 27, 31))
_FACTORS = tuple(np.array(factor, np.uint64) for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@lru_cache(maxsize=64)
def _counter(k: int) -> NDArray[np.uint64]:
    return np.arange(1, k + 1, dtype=np.uint64) * _GOLDEN


@lru_cache(maxsize=64)
def _coefficients(k: int) -> NDArray[np.uint64]:
    return _mixed(_counter(k)) | np.uint64(1)


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The output function of splitmix64 (Steele, Lea & Flood, 2014)."""
    for shift, factor in zip(_SHIFTS, _FACTORS, strict=False):
        z = ((z >> shift) ^ z) * factor
    return z ^ (z >> _SHIFTS[2])
