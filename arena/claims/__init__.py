"""The lecture, claim by claim: each statement with the experiment that measures it."""

from arena.claims import (
    directions,
    downwash,
    dropout,
    ensembles,
    features,
    holes,
    iid,
    lipschitz,
    minmax,
    projection,
    resistance,
    spectral,
    tradeoffs,
    transfer,
    weights,
)
from arena.claims.claim import Claim, Evidence, Finding

_MODULES = (
    dropout, directions, projection, transfer, ensembles, holes, minmax, tradeoffs, lipschitz, spectral, iid, resistance,
    features, downwash, weights,
)  # fmt: skip
CLAIMS: tuple[Claim, ...] = tuple(module.CLAIM for module in _MODULES)

__all__ = ["CLAIMS", "Claim", "Evidence", "Finding"]
