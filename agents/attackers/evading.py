"""Staying below a sanitiser's threshold: poison is tried against it at home, and what it would catch is not sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.flips import presumed
from agents.attackers.members import attacker_of
from agents.defenders.sanitised import Sanitiser, sanitiser_of
from arena.batch import Batch
from arena.checks import whole
from arena.engine.arrays import Mask
from arena.moves import Perturbation, Poison
from arena.players import Poisoner
from arena.poisoning.view import PoisonView, TriggerView


@dataclass(frozen=True, kw_only=True)
class Evading:
    """Another poisoner that knows a sanitiser: rows whose poison it catches are taken off the table, and the rest asked again.

    After Koh, Steinhardt & Liang, 2018, arXiv:1811.00741, who flip only what would survive in the other class; here for any
    poisoner and any sanitiser of `sanitised`, up to `tries` times. Of the best answer the rows that pass are sent. It hides from
    rules that judge a row by its surroundings; one that removes a fixed number of rows, as trimming does, takes what is left.
    """

    attacker: Any = "loss-maximising-label-flip"
    by: Sanitiser | str = "knn"
    tries: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "attacker", attacker_of(self.attacker))
        object.__setattr__(self, "by", sanitiser_of(self.by))
        whole("tries", self.tries)

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The poison of which the sanitiser catches least; at test time the other poisoner's trigger."""
        inner: Poisoner = attacker_of(self.attacker)
        if isinstance(view, TriggerView):
            return inner.move(view, rng)
        at_large, best = np.arange(len(view.train)), Poison(np.zeros(0, np.intp))
        for own in rng.spawn(self.tries):
            poison = inner.move(replace(view, train=view.train[at_large]), own)
            assert isinstance(poison, Poison)  # it was shown no trigger view
            poison = replace(poison, rows=at_large[poison.rows])
            caught = self._caught(view, poison, own)
            if (~caught).sum() > len(best.rows):
                best = _part(poison, ~caught)
            at_large = np.setdiff1d(at_large, poison.rows[caught])
            if not caught.any() or not len(at_large):
                break
        return best

    def _caught(self, view: PoisonView, poison: Poison, rng: Generator) -> Mask:
        """Which of the poisoned rows (k,) the sanitiser does not trust."""
        x, y = view.train.x.copy(), view.train.y.copy()
        if poison.x is not None:
            x[poison.rows] = poison.x
        if poison.y is not None:
            y[poison.rows] = poison.y
        return sanitiser_of(self.by).clean(presumed(view, Batch(x, y)), rng).suspects[poison.rows]


def _part(poison: Poison, kept: Mask) -> Poison:
    x, y = poison.x, poison.y
    return Poison(poison.rows[kept], None if x is None else x[kept], None if y is None else y[kept])
