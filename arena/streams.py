"""Random streams keyed by content: what a stream is for decides its numbers, never its position in a list."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.random import Generator, SeedSequence


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
