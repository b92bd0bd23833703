"""The rules of one setting, as data: what an attacker may change, and what it may see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from arena.ball import Ball
from arena.checks import flag, one_of, share, whole
from arena.errors import InvalidValue

__all__ = ["Access", "Ball", "Contamination", "ThreatModel"]

Access: TypeAlias = Literal["gradients", "scores", "labels", "nothing"]


@dataclass(frozen=True)
class Contamination:
    """What an attacker may do to a training set of n rows: touch at most floor(fraction · n) distinct ones.

    n counts all training rows before the attack, of every class. A row touched is relabelled (`may_relabel`), moved inside
    the ball `may_edit` around what it was, or inserted anywhere in the box (`may_insert`); each counts once.
    """

    fraction: float
    may_relabel: bool = True
    may_edit: Ball | None = None
    may_insert: bool = False

    def __post_init__(self) -> None:
        share("fraction", self.fraction)
        flag("may_relabel", self.may_relabel)
        flag("may_insert", self.may_insert)
        if self.may_edit is not None:
            _ball("may_edit", self.may_edit)
        if not (self.may_relabel or self.may_edit or self.may_insert):
            raise InvalidValue("a contamination must allow something: may_relabel, may_edit=Ball(…) or may_insert")

    def limit(self, n: int) -> int:
        """The distinct rows that may be touched out of n, floor(fraction · n)."""
        return math.floor(self.fraction * n + 1e-9)  # 0.29 · 100 is 28.999999999999996

    @property
    def box(self) -> tuple[float, float]:
        """Where every feature of a training row must lie."""
        return self.may_edit.box if self.may_edit else (0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class ThreatModel:
    """What the attacker may change and what it sees; `queries` limits how many rows it may ask about, per example.

    `contamination` says what it may do to the training rows, None: nothing.
    """

    ball: Ball
    access: Access = "gradients"
    queries: int | None = None
    contamination: Contamination | None = None

    def __post_init__(self) -> None:
        _ball("ball", self.ball)
        one_of("access", self.access, get_args(Access))
        if not isinstance(self.contamination, Contamination | None):
            raise InvalidValue(f"contamination must be a Contamination, or None; got {self.contamination!r}")
        if self.queries is not None:
            whole("queries", self.queries)


def _ball(name: str, value: object) -> None:
    if not isinstance(value, Ball):
        raise InvalidValue(f"{name} must be a Ball, as in Ball(0.15, 'linf'); got {value!r}")
