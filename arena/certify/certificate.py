"""What a proof says, and about what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arena.certify.network import Precision
from arena.engine.arrays import Array, Mask
from arena.threat import Ball


@dataclass(frozen=True, eq=False)
class Certificate:
    """`lower` (n,): a proven lower bound on z_y - max z_k over the whole ball around each row; certified where above zero.

    It holds for the network of that `network` digest, in real arithmetic and as run in `arithmetic`, and for every point the
    referee lets pass. `confidence` is below 1 where the proof is statistical, for each row by itself.
    """

    method: str
    ball: Ball
    lower: Array
    arithmetic: Precision
    network: str
    confidence: float = 1.0

    @property
    def norm(self) -> str:
        """The ball's norm."""
        return self.ball.norm

    @property
    def radius(self) -> float:
        """The ball's radius in pixels."""
        return self.ball.radius

    @property
    def certified(self) -> Mask:
        """Which rows (n,) no point of the ball changes: strictly above zero, so never where a bound is NaN."""
        return np.asarray(self.lower > 0)

    @property
    def certified_accuracy(self) -> float:
        """Share of all rows certified, in [0, 1]: a lower bound on the robust accuracy."""
        return float(self.certified.mean())

    def __str__(self) -> str:
        share = f"{100 * self.certified_accuracy:.1f} % of {len(self.lower)} points"
        return f"{self.method}: {share}, {self.norm} {self.radius:g}, {self.arithmetic}, network {self.network[:12]}"
