"""A randomised ensemble: one member answers, drawn by weight for every row that is asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from arena.engine.arrays import Array
from arena.engine.averaging import Members
from arena.engine.model import Model

_LEAST = 1e-30  # keeps the log of a probability finite


@dataclass(frozen=True, eq=False)
class RandomisedEnsemble(Members):
    """Members with the probabilities of being drawn, `weights` (members,), anew for each row; nobody sees the draw coming.

    As a model it answers with what all draws together tell, the log of the expected probabilities, and its gradient is exact.
    What is scored is not that answer but the share of the draws that read a row right (Pinot et al., 2020, arXiv:2002.11565).
    A member of weight 0 is kept and never answers. Raises ValueError for weights that are no probabilities.
    """

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.members) != len(self.weights):
            raise ValueError(f"one weight a member; got {len(self.members)} members and {len(self.weights)} weights")
        if not (min(self.weights) >= 0 and abs(sum(self.weights) - 1) < 1e-6):
            raise ValueError(f"weights are probabilities that sum to 1; got {self.weights}")

    def logits(self, x: Array) -> Array:
        """Log of the expected probabilities (n, classes)."""
        drawn = drawn_from(self)
        return _mixed([member.logits(x) for member, _ in drawn], drawn)[0]

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """Logits, and the function from dL/dlogits to dL/dx, through every member."""
        drawn = drawn_from(self)
        z, pulls = zip(*(member.vjp(x) for member, _ in drawn), strict=True)
        mixed, p = _mixed(z, drawn)

        def back(g: Array) -> Array:
            inner = g * p / p.sum(axis=0)
            probable = p / p.sum(axis=2, keepdims=True)
            dz = (inner - probable * inner.sum(axis=2, keepdims=True)).astype(z[0].dtype)
            total = np.zeros(x.shape, z[0].dtype)
            for pull, own in zip(pulls, dz, strict=True):
                total += np.asarray(pull(own))
            return total

        return mixed, back


def drawn_from(model: Model, weight: float = 1.0) -> list[tuple[Model, float]]:
    """The models that may answer, each with its probability times `weight`; the model itself if it is not randomised."""
    if not isinstance(model, RandomisedEnsemble):
        return [(model, weight)]
    pairs = zip(model.members, model.weights, strict=True)
    return [pair for member, share in pairs if share > 0 for pair in drawn_from(member, weight * share)]


def _mixed(z: Sequence[Array], drawn: Sequence[tuple[Model, float]]) -> tuple[Array, Array]:
    """The answer, and what each model that may answer adds to each probability (models, n, classes)."""
    stacked, weights = np.stack(z).astype(np.float64), np.array([weight for _, weight in drawn])
    e = np.exp(stacked - stacked.max(axis=2, keepdims=True))
    p = np.maximum(e / e.sum(axis=2, keepdims=True), _LEAST) * weights[:, None, None]
    return np.log(p.sum(axis=0)).astype(z[0].dtype), p
