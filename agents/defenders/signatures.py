"""Spectral signatures: poison of one class leaves a direction in its features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sanitised import Cleaned, bound, features_of, without
from arena.checks import share as check_share
from arena.engine.arrays import Array
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class SpectralSignatures:
    """Removes every class's rows that lie farthest along the top singular vector of its features (Tran et al., 2018).

    Features are those before the last layer of a network of `recipe`, centred for the vector and for the scores alike. As in
    the paper (arXiv:1811.00636), each class loses 1.5 times the poison to expect: which one is the target is not known. Expected
    is `share` of all rows in one class, by default what the threat allows; but no class loses more than half, beyond which
    poison would be its majority and the signature its clean rows'.
    """

    share: float | None = None
    recipe: Recipe = Plain(hidden=(256,))

    def __post_init__(self) -> None:
        if self.share is not None:
            check_share("share", self.share)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The rows without the signature."""
        train, features = view.train, features_of(self.recipe, view, rng)
        gone = int(1.5 * bound(view, self.share) * len(train))
        suspects = np.zeros(len(train), np.bool_)
        for label in np.unique(train.y):
            own = np.flatnonzero(train.y == label)
            suspects[own[np.argsort(-signature(features[own]), kind="stable")[: min(gone, len(own) // 2)]]] = True
        return without(train, suspects)


def signature(features: Array) -> Array:
    """Each row's squared score along the top singular vector of the centred features (n, d): (n,)."""
    centred = features - features.mean(axis=0)
    return (centred @ np.linalg.svd(centred, full_matrices=False)[2][0]) ** 2
