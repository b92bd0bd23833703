"""The lecture, claim by claim: each statement with the experiment that measures it."""

from arena.claims import (
    directions,
    dropout,
    ensembles,
    holes,
    iid,
    lipschitz,
    minmax,
    projection,
    resistance,
    spectral,
    tradeoffs,
    transfer,
)
from arena.claims.claim import Claim, Evidence, Finding

CLAIMS: tuple[Claim, ...] = tuple(
    module.CLAIM
    for module in (
        dropout, directions, projection, transfer, ensembles, holes, minmax, tradeoffs, lipschitz, spectral, iid, resistance,
    )
)  # fmt: skip

__all__ = ["CLAIMS", "Claim", "Evidence", "Finding"]
