"""Loss trimming: train on the rows that are read best, again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sanitised import Cleaned, bound, without
from arena.batch import Batch
from arena.checks import share as check_share
from arena.checks import whole
from arena.engine import CrossEntropy
from arena.engine.arrays import Array, Mask
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class LossTrimming:
    """TRIM for classes (after Jagielski et al., 2018, arXiv:1804.00308): keep each class's rows of smallest cross-entropy.

    `share` is the share of every class that goes, by default what the threat allows. From each of `restarts` random subsets,
    fits and keeps anew up to `rounds` times, until the subset or its loss stands still; the smallest trimmed loss wins.
    """

    share: float | None = None
    rounds: int = 10
    restarts: int = 2
    recipe: Recipe = Plain(hidden=(32,), epochs=15)

    def __post_init__(self) -> None:
        if self.share is not None:
            check_share("share", self.share)
        whole("rounds", self.rounds)
        whole("restarts", self.restarts)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The rows of the smallest trimmed loss found."""
        share = bound(view, self.share)
        ends = [self._trimmed(view, share, own) for own in rng.spawn(self.restarts)]
        return without(view.train, ~min(ends, key=lambda end: end[0])[1])

    def _trimmed(self, view: DefenderView, share: float, rng: Generator) -> tuple[float, Mask]:
        train, total = view.train, np.inf
        kept = smallest(rng.random(len(train)), train, share)
        for _ in range(self.rounds):
            network = self.recipe.trained(view, rng, train=train[np.flatnonzero(kept)])
            losses = CrossEntropy()(network.logits(train.x), train.y).astype(np.float64)
            again = smallest(losses, train, share)
            last, total = total, float(losses[again].sum())
            still, kept = np.array_equal(again, kept), again
            if still or last - total < 1e-5:
                break
        return total, kept


def smallest(losses: Array, train: Batch, share: float) -> Mask:
    """Marks the rows to keep (n,): of every class all but the floor(share · size) of largest loss."""
    kept = np.ones(len(train), np.bool_)
    for label in np.unique(train.y):
        own = np.flatnonzero(train.y == label)
        kept[own[np.argsort(-losses[own], kind="stable")[: int(share * len(own) + 1e-9)]]] = False
    return kept
