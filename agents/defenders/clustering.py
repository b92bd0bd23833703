"""Activation clustering: a poisoned class falls into two clusters, what it is and what it was told to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from agents.defenders.sanitised import Cleaned, features_of, read_without, without
from arena.checks import not_negative, whole
from arena.engine.arrays import Array, Labels, Mask
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class ActivationClustering:
    """Two-means on each class's features in `dimensions` principal components (Chen et al., 2018, arXiv:1811.03728).

    Where the two are real, their silhouette at least `silhouette` (the paper: 0.10 to 0.15), the smaller one is held out and
    read by a network trained without it: exclusionary reclassification. It goes unless the rows read as their own label are
    more than `legitimate` times (the paper: 1) those read as the other label most often read. `recipe` gives the features,
    best from a wide last layer. Blind where poison is half of a class: then it may take the other half for poison.
    """

    dimensions: int = 10
    silhouette: float = 0.1
    legitimate: float = 1.0
    recipe: Recipe = Plain(hidden=(256,))

    def __post_init__(self) -> None:
        whole("dimensions", self.dimensions)
        not_negative("silhouette", self.silhouette)
        not_negative("legitimate", self.legitimate)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The rows without the smaller clusters of suspicious classes."""
        train, features = view.train, features_of(self.recipe, view, rng)
        parts = [np.flatnonzero(train.y == label) for label in np.unique(train.y)]
        parts = [own for own in parts if len(own) > 2]
        halves = [split(features[own], self.dimensions, int(rng.integers(2**31))) for own in parts]
        held = [
            own[smaller] for own, (quality, smaller) in zip(parts, halves, strict=True) if quality >= self.silhouette
        ]
        marked = np.zeros(len(train), np.bool_)
        marked[[row for rows in held for row in rows]] = True
        read = read_without(self.recipe, view, marked, rng)
        suspects = np.zeros(len(train), np.bool_)
        for rows in held:
            suspects[rows] = not self._legitimate(train.y[rows], read[rows])
        return without(train, suspects)

    def _legitimate(self, own: Labels, read: Labels) -> bool:
        """Whether rows of one label are read as it more than `legitimate` times as often as any other label."""
        counts = np.bincount(read, minlength=int(own.max(initial=0)) + 1)
        agreed = (read == own).sum()
        counts[own[:1]] = 0
        return bool(agreed > self.legitimate * counts.max())


def split(features: Array, dimensions: int, seed: int) -> tuple[float, Mask]:
    """The silhouette of the best two clusters of features (n, d), and which rows (n,) lie in the smaller one."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.metrics import silhouette_score

    if not np.ptp(features, axis=0).any():
        return 0.0, np.zeros(len(features), np.bool_)
    flat = PCA(min(dimensions, *features.shape), svd_solver="full").fit_transform(features)
    side = KMeans(2, n_init=5, random_state=seed).fit_predict(flat)
    if len(np.unique(side)) < 2:
        return 0.0, np.zeros(len(features), np.bool_)
    return float(silhouette_score(flat, side)), side == np.bincount(side, minlength=2).argmin()
