"""The bracket of one network: certified <= exact <= attacked <= clean, for the same points and the same ball."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.certify.exact import ExactVerifier, Verdicts
from arena.certify.proofs import Method, certify
from arena.engine.arrays import Array, Labels, Mask
from arena.engine.model import Model
from arena.errors import ArenaError
from arena.evaluation import Evaluation, evaluate
from arena.threat import Ball

METHODS: tuple[Method, ...] = ("crown", "intervals", "lipschitz")


class Unsound(ArenaError):
    """A proof and an attack contradict each other: one of them is wrong, and no figure of the run can be trusted."""


@dataclass(frozen=True, eq=False)
class Bracket:
    """What is proven of each row (n,) and what is shown; `verdicts` where the exact answer was asked for."""

    certified: dict[str, Mask]
    judged: Evaluation
    verdicts: Verdicts | None

    def __str__(self) -> str:
        parts = [f"{name} {100 * mask.mean():.1f}" for name, mask in self.certified.items()]
        if self.verdicts is not None:
            low, high = self.verdicts.bracket
            parts.append(f"exact {100 * low:.1f}" if low == high else f"exact {100 * low:.1f} to {100 * high:.1f}")
        attacked, clean = self.judged.attacked_accuracy, self.judged.clean_accuracy
        return " | ".join([*parts, f"attacked {100 * attacked:.1f}", f"clean {100 * clean:.1f}"]) + " (%)"


def bracket(
    model: Model, x: Array, y: Labels, attacker: Any, ball: Ball, *, exact: ExactVerifier | None = None, seed: int = 0
) -> Bracket:
    """Certificates, the exact answer where `exact` is given, and the attack; Unsound names the rows that contradict them."""
    certified: dict[str, Mask] = {method: certify(model, x, y, ball, method=method).certified for method in METHODS}
    judged = evaluate(model, x, y, attacker, ball, seed=seed)
    verdicts = None if exact is None else exact.verify(model, x, y, ball)
    for method, mask in certified.items():
        _agree(method, mask, "the attack", ~judged.attacked)
        if verdicts is not None:
            _agree(method, mask, "the exact verifier's witness", verdicts.broken)
    if verdicts is not None:
        _agree("the exact verifier", verdicts.verified, "the attack", ~judged.attacked)
    return Bracket(certified, judged, verdicts)


def _agree(prover: str, proven: Mask, breaker: str, broken: Mask) -> None:
    rows = np.flatnonzero(proven & broken)
    if rows.size:
        raise Unsound(
            f"{prover} proves row {rows[0]} and {breaker} breaks it ({rows.size} rows in all): report this as a bug"
        )
