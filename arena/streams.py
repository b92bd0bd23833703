"""Random streams keyed by content: what a stream is for decides its numbers, never its position in a list."""

from __future__ import annotations

import hashlib
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

    Counter-based (splitmix64), so that any draw of any subset of rows is one vectorised expression.
    """

    def __init__(self, x: NDArray[Any], rng: Generator) -> None:
        secret = int(rng.integers(2**63)).to_bytes(8, "big")
        keys = [hashlib.blake2b(row.tobytes(), digest_size=8, key=secret).digest() for row in x]
        self._keys = np.frombuffer(b"".join(keys), np.uint64)

    def uniform(self, rows: NDArray[np.intp], draw: int | NDArray[np.intp], k: int) -> NDArray[np.float32]:
        """K numbers in [0, 1) for each of the given rows (m,), at the row's draw number (a scalar or (m,)): (m, k)."""
        start = self._keys[rows] + np.asarray(draw, np.uint64) * _DRAW
        bits = _mixed(start[:, None] + np.arange(1, k + 1, dtype=np.uint64) * _GOLDEN)
        return (bits >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)

    def normal(self, rows: NDArray[np.intp], draw: int | NDArray[np.intp], k: int) -> NDArray[np.float32]:
        """K standard normal numbers for each of the given rows, by Box and Muller: (m, k)."""
        half = (k + 1) // 2
        u = self.uniform(rows, draw, 2 * half)
        radius = np.sqrt(-2 * np.log(1 - u[:, :half]))
        angle = np.float32(2 * np.pi) * u[:, half:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)[:, :k]


_GOLDEN, _DRAW = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1342543DE82EF95)


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The output function of splitmix64 (Steele, Lea & Flood, 2014)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
