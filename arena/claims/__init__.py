"""The lecture, claim by claim: each statement with the experiment that measures it."""

from arena.claims import directions, holes, lipschitz
from arena.claims.claim import Claim, Evidence, Finding

CLAIMS: tuple[Claim, ...] = (directions.CLAIM, holes.CLAIM, lipschitz.CLAIM)

__all__ = ["CLAIMS", "Claim", "Evidence", "Finding"]
