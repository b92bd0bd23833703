"""Expectation over transformation: an attack on the average answer of a target that answers at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from agents.attackers.members import attacker_of
from agents.attackers.pgd import PGD
from arena.checks import positive, whole
from arena.engine.arrays import Array
from arena.engine.model import Wrapped
from arena.moves import Perturbation
from arena.players import Attacker
from arena.views import GradientView


@dataclass(frozen=True, eq=False)
class Expected(Wrapped):
    """The mean logits of `draws` copies, each moved by up to `jitter` pixels: noise that a row decides is drawn anew."""

    draws: int
    jitter: float
    seed: int

    def logits(self, x: Array) -> Array:
        """Mean logits (n, classes)."""
        z = np.asarray(self.model.logits(self._moved(x)))
        return z.reshape(self.draws, len(x), -1).mean(axis=0)

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Mean logits, and the function from dL/dlogits to the mean of the draws' dL/dx."""
        z, pull = self.model.vjp(self._moved(x))
        return np.asarray(z).reshape(self.draws, len(x), -1).mean(
            axis=0
        ), lambda g: np.asarray(pull(np.tile(g, (self.draws, 1)))).reshape(self.draws, *x.shape).mean(axis=0)

    def _moved(self, x: Array) -> Array:
        shift = default_rng(self.seed).random((self.draws, *x.shape), dtype=np.float32) * np.float32(self.jitter)
        return (x + shift).reshape(-1, x.shape[1])


@dataclass(frozen=True, kw_only=True)
class ExpectationOverTransformation:
    """Any white-box `attacker`, on the mean of `draws` answers (Athalye et al., 2018, arXiv:1802.00420, section 4).

    For targets whose answer is random, or depends on the row as if it were; the referee still asks once.
    """

    attacker: Attacker[Any] | str = PGD()
    draws: int = 8
    jitter: float = 1e-5

    def __post_init__(self) -> None:
        object.__setattr__(self, "attacker", attacker_of(self.attacker))
        whole("draws", self.draws)
        positive("jitter", self.jitter)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The attacker's answer to the average target."""
        target = Expected(view.model, self.draws, self.jitter, int(rng.integers(2**63)))
        return attacker_of(self.attacker).move(GradientView(view.field, view.ball, target, shadow=view.shadow), rng)
