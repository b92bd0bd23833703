"""The small task of the checks: four clusters in sixteen dimensions, and a network that reads them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.engine import Adam, Sequential, fit, fitted, mlp


def blobs(n: int, seed: int) -> Batch:
    """Draw n rows of four clusters by a seed."""
    rng = default_rng(seed)
    y = rng.integers(0, 4, n)
    centres = default_rng(7).random((4, 16)) * 0.8 + 0.1
    return Batch(np.clip(centres[y] + 0.08 * rng.standard_normal((n, 16)), 0, 1).astype(np.float32), y)


TRAIN, FIELD = blobs(200, 1), blobs(48, 2)


def network() -> Sequential:
    """A network trained on the clusters; a copy for each caller, since a player may deface it."""
    trained = _trained()
    return trained.with_params(tuple(tuple(p.copy() for p in layer) for layer in trained.params))


@cache
def _trained() -> Sequential:
    rng = default_rng(3)
    return fitted(
        fit(mlp((16, 24, 4), rng=rng), TRAIN.x, TRAIN.y, rng=rng, epochs=15, optimiser=Adam(learning_rate=5e-3))
    )
