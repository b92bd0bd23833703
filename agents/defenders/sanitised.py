"""Sanitise first, train after: what is left of the training rows goes to any other defender."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.random import Generator

from agents.defenders.plain import Plain
from agents.defenders.recipe import Recipe
from arena import roster, specs
from arena.batch import Batch
from arena.engine import Sequential
from arena.engine.arrays import Array, Labels, Mask
from arena.errors import InvalidValue, did_you_mean
from arena.moves import Deployment
from arena.players import Defender
from arena.views import DefenderView


@dataclass(frozen=True, eq=False)
class Cleaned:
    """The rows to train on, and which of the rows shown (n,) were not trusted: removed, or given another label."""

    train: Batch
    suspects: Mask


class Sanitiser(Protocol):
    """Looks for poison; a frozen dataclass of hyperparameters, like a player."""

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """What it would train on."""


@dataclass(frozen=True, kw_only=True)
class Sanitised:
    """Passes the training rows through a sanitiser and what is left to another defender.

    `by` is a sanitiser or its spec, as in "knn(k=10)": knn, trim, spectral, clustering, roni; `then` a defender or its spec.
    """

    by: Sanitiser | str = "knn"
    then: Defender | str = Plain()

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", sanitiser_of(self.by))
        if isinstance(self.then, str):
            object.__setattr__(self, "then", roster.build("defenders", self.then))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The other defender's model of the rows that are left, with the suspects named."""
        by, then = sanitiser_of(self.by), self.then
        assert not isinstance(then, str)  # built above
        search, training = rng.spawn(2)
        cleaned = by.clean(view, search)
        return replace(then.move(replace(view, train=cleaned.train), training), suspects=cleaned.suspects)


Named: TypeAlias = dict[str, Any]


def sanitiser_of(given: Sanitiser | str) -> Sanitiser:
    """The sanitiser itself, or the one that a spec like `knn(k=10)` names."""
    if not isinstance(given, str):
        return given
    known = _sanitisers()
    name, values = specs.parse(given)
    if name not in known:
        raise InvalidValue(f"no sanitiser is called '{name}'; {did_you_mean(name, known)}")
    try:
        made: Sanitiser = known[name](**values)
    except TypeError as error:
        raise InvalidValue(f"{name} cannot be made from {given!r}: {error}") from error
    return made


def without(train: Batch, suspects: Mask) -> Cleaned:
    """The rows with the suspects removed; where a class would be left without rows, it keeps its own."""
    suspects = suspects.copy()
    for label in np.unique(train.y):
        own = train.y == label
        if suspects[own].all():
            suspects[own] = False
    return Cleaned(train[~suspects], suspects)


def penultimate(network: Sequential, x: Array) -> Array:
    """The activations (n, width) before the last layer, in float64."""
    inner = Sequential(network.layers[:-1])
    return inner.logits(x).astype(np.float64)


def features_of(recipe: Recipe, view: DefenderView, rng: Generator) -> Array:
    """What a network trained on all rows, poison included, makes of them before its last layer."""
    return penultimate(recipe.trained(view, rng, train=view.train), view.train.x)


def read_without(recipe: Recipe, view: DefenderView, marked: Mask, rng: Generator) -> Labels:
    """The labels (n,) that a network trained without the marked rows gives to all."""
    rest = without(view.train, marked).train
    read: Labels = recipe.trained(view, rng, train=rest).logits(view.train.x).argmax(axis=1)
    return read


def bound(view: DefenderView, share: float | None) -> float:
    """The share of poison to expect: as given, or the most that the threat allows."""
    if share is not None:
        return share
    contamination = view.threat.contamination
    return contamination.fraction if contamination else 0.1


def _sanitisers() -> Named:
    from agents.defenders.clustering import ActivationClustering
    from agents.defenders.neighbours import KNNSanitisation
    from agents.defenders.roni import RONI
    from agents.defenders.signatures import SpectralSignatures
    from agents.defenders.trimming import LossTrimming

    return {
        "knn": KNNSanitisation,
        "trim": LossTrimming,
        "spectral": SpectralSignatures,
        "clustering": ActivationClustering,
        "roni": RONI,
    }
