"""The bracket of one network: certified <= exact <= attacked <= clean, for the same points and the same ball."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from arena.batch import Batch
from arena.certify.exact import ExactVerifier
from arena.certify.proofs import METHODS, certify
from arena.engine.arrays import Array, Labels, Mask
from arena.engine.model import Model
from arena.errors import ArenaError
from arena.evaluation import evaluate
from arena.referee import hits
from arena.threat import Ball

AUDIT = 5  # rows that the attack broke which the verifier is asked about all the same


class Unsound(ArenaError):
    """A proof and an attack contradict each other: one of them is wrong, and no figure of the run can be trusted."""


@dataclass(frozen=True, eq=False)
class Bracket:
    """What is known of each row (n,): `certified` by each method, `verified` to stand by any proof, `broken` by any witness.

    `clean` and `attacked`: read right before and under the attack alone. `exact` says whether the exact verifier was asked
    about what was left open.
    """

    certified: Mapping[str, Mask]
    verified: Mask
    broken: Mask
    attacked: Mask
    clean: Mask
    exact: bool

    @property
    def proven(self) -> Mask:
        """Which rows (n,) some certificate covers, without the exact verifier."""
        return np.logical_or.reduce(list(self.certified.values()))

    @property
    def undecided(self) -> Mask:
        """Which rows (n,) are neither verified nor broken."""
        return ~(self.verified | self.broken)

    def __str__(self) -> str:
        parts = [f"{name} {100 * mask.mean():.1f}" for name, mask in self.certified.items()]
        low, high = self.verified.mean(), 1 - self.broken.mean()
        if self.exact:
            parts.append(f"exact {100 * low:.1f}" if low == high else f"exact {100 * low:.1f} to {100 * high:.1f}")
        parts += [f"attacked {100 * self.attacked.mean():.1f}", f"clean {100 * self.clean.mean():.1f}"]
        return " | ".join(parts) + " (%)"


def bracket(
    model: Model,
    x: Array,
    y: Labels,
    attacker: Any,
    ball: Ball,
    *,
    fallen: Mask | None = None,
    exact: ExactVerifier | None = None,
    affordable: int | None = None,
    workers: int = 1,
    seed: int = 0,
) -> Bracket:
    """All certificates, the attack, and where `exact` is given its answer on what they leave open and on a few broken rows.

    Rows known to have `fallen` (n,) are not attacked again. With `affordable` the verifier is not asked where more rows than
    that are open. Unsound names the rows on which a proof and an attack contradict each other.
    """
    x, y = np.asarray(x), np.asarray(y)
    certified: dict[str, Mask] = {method: certify(model, x, y, ball, method=method).certified for method in METHODS}
    clean, attacked = hits(model, Batch(x, y)), np.zeros(len(x), bool)
    standing = np.flatnonzero(np.ones(len(x), bool) if fallen is None else ~fallen)
    if standing.size:
        attacked[standing] = evaluate(model, x[standing], y[standing], attacker, ball, seed=seed).attacked
    for method, mask in certified.items():
        agree(method, mask, "the attack", ~attacked)
    verified, broken = np.logical_or.reduce(list(certified.values())), ~attacked
    left = np.flatnonzero(~(verified | broken))
    asking = exact is not None and (affordable is None or len(left) <= affordable)
    if exact is not None and asking:
        asked = np.concatenate([left, np.flatnonzero(clean & broken)[:AUDIT]])
        verdicts = exact.verify(model, x[asked], y[asked], ball, workers=workers)
        verified[asked[verdicts.verified]] = True
        broken[asked[verdicts.broken]] = True
        agree("the exact verifier", verified, "the attack", ~attacked)
    return Bracket(certified, verified, broken, attacked, clean, asking)


def ladder(
    model: Model, x: Array, y: Labels, attacker: Any, ball: Ball, radii: Iterable[float], **options: Any
) -> Iterator[tuple[float, Bracket]]:
    """A bracket at each of the rising radii, with the options of `bracket`; what the attack broke stays broken."""
    fallen = None
    for radius in radii:
        found = bracket(model, x, y, attacker, replace(ball, radius=radius), fallen=fallen, **options)
        fallen = ~found.attacked
        yield radius, found


def agree(prover: str, proven: Mask, breaker: str, broken: Mask) -> None:
    """Raise Unsound where a row (n,) is both proven and broken."""
    rows = np.flatnonzero(proven & broken)
    if rows.size:
        raise Unsound(
            f"{prover} proves row {rows[0]} and {breaker} breaks it ({rows.size} rows in all): report this as a bug"
        )
