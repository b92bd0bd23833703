"""Sanitisation by neighbours: a row whose label its neighbours do not share is not trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from agents.defenders.sanitised import Cleaned, without
from arena.batch import Batch
from arena.checks import one_of, share, whole
from arena.engine.arrays import Array
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class KNNSanitisation:
    """Removes rows whose label is not the plurality among their k nearest neighbours in pixels, themselves excluded.

    With `how="relabel"` they take the plurality's label where its share of the k exceeds `eta` (Paudice et al., 2018,
    arXiv:1803.00992), and stay as they are elsewhere.
    """

    k: int = 10
    how: Literal["remove", "relabel"] = "remove"
    eta: float = 0.5

    def __post_init__(self) -> None:
        whole("k", self.k)
        one_of("how", self.how, ("remove", "relabel"))
        share("eta", self.eta)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The rows that agree with their neighbours, or were made to."""
        train = view.train
        votes = neighbour_votes(train, self.k, view.classes)
        own, best = votes[np.arange(len(train)), train.y], votes.max(axis=1)
        if self.how == "remove":
            return without(train, own < best)
        doubted = (own < best) & (best > self.eta * votes.sum(axis=1))
        y = np.where(doubted, votes.argmax(axis=1), train.y)
        return Cleaned(Batch(train.x, y), doubted)


def neighbour_votes(train: Batch, k: int, classes: int) -> Array:
    """How many of each row's k nearest others carry each label: (n, classes)."""
    from sklearn.neighbors import NearestNeighbors

    k = min(k, len(train) - 1)
    found = NearestNeighbors(n_neighbors=k).fit(train.x).kneighbors(return_distance=False)
    votes = np.zeros((len(train), classes))
    np.add.at(votes, (np.arange(len(train))[:, None], train.y[found]), 1)
    return votes
