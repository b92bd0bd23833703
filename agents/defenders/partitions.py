"""Deep partition aggregation: networks that share no row vote, so that b poisoned rows move at most b votes; and bagging."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from agents.attackers.convex import softmax
from agents.attackers.members import defenders_of
from agents.defenders.plain import Plain
from arena.batch import Batch
from arena.checks import whole
from arena.engine import Average
from arena.engine.arrays import Array, Labels
from arena.engine.model import Model
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.players import Defender
from arena.views import DefenderView


@dataclass(frozen=True, eq=False)
class Votes:
    """A vote a member, ties to the smallest label; its logits are the counts, its vjp that of the members' softmax.

    The counts are constant almost everywhere, so that their true gradient would hide what an attacker can do (BPDA, Athalye
    et al., 2018, arXiv:1802.00420). A member is None where its partition is empty, and casts no vote.
    """

    members: tuple[Model | None, ...]
    features: int
    classes: int

    def logits(self, x: Array) -> Array:
        """The votes for each class (n, classes)."""
        return self._counted(len(x), (member.logits(x) for member in self._voting))

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """The votes, and the function from dL/dvotes to dL/dx, were a vote as soft as a member's probabilities."""
        z, pulls = zip(*(member.vjp(x) for member in self._voting), strict=True)
        p = [softmax(np.asarray(own)) for own in z]

        def back(g: Array) -> Array:
            softened = (own * (g - (own * g).sum(axis=1, keepdims=True)) for own in p)
            return np.sum([pull(own) for pull, own in zip(pulls, softened, strict=True)], axis=0)

        return self._counted(len(x), z), back

    @property
    def _voting(self) -> list[Model]:
        return [member for member in self.members if member is not None]

    def _counted(self, n: int, answers: Iterable[Array]) -> Array:
        counts = np.zeros((n, self.classes), np.float32)
        for z in answers:
            counts[np.arange(n), np.asarray(z).argmax(axis=1)] += 1
        return counts

    def radii(self, x: Array) -> Labels:
        """For each row (n,) the certified number of training rows inserted, removed or relabelled; an edited row counts twice."""
        return certified(self.logits(x))


def certified(votes: Array) -> Labels:
    """floor(min over c' of (n_c - n_c' - [c' < c]) / 2) for the winner c of votes (n, classes): (n,)."""
    n, classes = votes.shape
    winner = votes.argmax(axis=1)
    lead = votes.max(axis=1, keepdims=True) - votes - (np.arange(classes) < winner[:, None])
    lead[np.arange(n), winner] = np.inf
    return np.floor(lead.min(axis=1) / 2).astype(np.intp)


@dataclass(frozen=True, kw_only=True)
class DeepPartitionAggregation:
    """Splits the rows by a hash of their pixels into `partitions`, trains `member` on each, and lets them vote.

    Levine & Feizi, 2021, arXiv:2006.14768. A row's partition depends on its own pixels alone, rows are sorted by content
    inside it, and a member's random stream belongs to its partition's number: whoever inserts, removes or relabels b rows
    changes at most b votes. The model's `radii` say how many that may be before a prediction can change.
    """

    partitions: int = 51
    member: Defender | str = Plain(hidden=(64,), epochs=60, learning_rate=1e-2)

    def __post_init__(self) -> None:
        whole("partitions", self.partitions)
        object.__setattr__(self, "member", defenders_of([self.member])[0])

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The voters."""
        secret, member = int(rng.integers(2**63)), defenders_of([self.member])[0]
        where = partition(view.train.x, self.partitions)
        alone = replace(view, faced=(), deployed=None)  # nothing but its own rows may reach a member

        def trained(number: int) -> Model | None:
            own = by_content(view.train[np.flatnonzero(where == number)])
            if not len(own):
                return None
            return member.move(replace(alone, train=own), default_rng([secret, number])).model

        members = tuple(trained(number) for number in range(self.partitions))
        return Deployment(Votes(members, view.train.x.shape[1], view.classes))


def partition(x: Array, count: int) -> Labels:
    """The partition (n,) of each row, by SHA-256 of its float32 pixels."""
    rows: NDArray[np.float32] = np.ascontiguousarray(x, np.float32) + np.float32(0)  # -0 is the same pixel as 0
    words = (hashlib.sha256(row.tobytes()).digest()[:8] for row in rows)
    return np.array([int.from_bytes(word, "big") % count for word in words], np.intp)


def by_content(rows: Batch) -> Batch:
    """The rows in the order of their pixels, then labels."""
    return rows[np.lexsort((rows.y, *rows.x.T))]


@dataclass(frozen=True, kw_only=True)
class Bagging:
    """The mean logits of `count` members, each trained on its own random share of the rows (Biggio et al., 2011)."""

    count: int = 10
    share: float = 0.3
    member: Defender | str = Plain()

    def __post_init__(self) -> None:
        whole("count", self.count)
        if not 0 < self.share <= 1:
            raise InvalidValue(f"share must lie in (0, 1]; got {self.share!r}")
        object.__setattr__(self, "member", defenders_of([self.member])[0])

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The average of the members' models."""
        member, size = defenders_of([self.member])[0], max(1, round(self.share * len(view.train)))
        parts = [(view.train[own.permutation(len(view.train))[:size]], own) for own in rng.spawn(self.count)]
        return Deployment(Average(tuple(member.move(replace(view, train=part), own).model for part, own in parts)))
