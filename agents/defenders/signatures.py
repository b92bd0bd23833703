"""Spectral signatures: poison of one class leaves a direction in its features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sanitised import Cleaned, bound, features_of, read_as_own, without
from arena.checks import not_negative
from arena.checks import share as check_share
from arena.engine.arrays import Array
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class SpectralSignatures:
    """Removes a class's rows that lie farthest along the top singular vector of its features (Tran et al., 2018).

    Features are those before the last layer of a network of `recipe`, centred for the vector and for the scores alike. Of a
    dirty class 1.5 times the poison to expect goes, at most half of it; `share` of all rows is expected in one class, by
    default what the threat allows. A class is dirty if a network trained without those rows reads less than the share `own` of
    them as their label: which class is the target is not known. arXiv:1811.00636; the held-out reading is Chen et al.'s.
    """

    share: float | None = None
    own: float = 0.5
    recipe: Recipe = Plain(hidden=(256,))

    def __post_init__(self) -> None:
        if self.share is not None:
            check_share("share", self.share)
        not_negative("own", self.own)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The rows without the signature."""
        train, features = view.train, features_of(self.recipe, view, rng)
        expected = bound(view, self.share) * len(train)
        tails = []
        for label in np.unique(train.y):
            own = np.flatnonzero(train.y == label)
            gone = min(int(1.5 * expected), len(own) // 2)
            tails.append(own[np.argsort(-signature(features[own]), kind="stable")[:gone]])
        marked = np.zeros(len(train), np.bool_)
        marked[np.concatenate(tails)] = True
        legitimate = read_as_own(self.recipe, view, marked, rng)
        suspects = np.zeros(len(train), np.bool_)
        for rows in tails:
            suspects[rows] = len(rows) > 0 and legitimate[rows].mean() < self.own
        return without(train, suspects)


def signature(features: Array) -> Array:
    """Each row's squared score along the top singular vector of the centred features (n, d): (n,)."""
    centred = features - features.mean(axis=0)
    return (centred @ np.linalg.svd(centred, full_matrices=False)[2][0]) ** 2
