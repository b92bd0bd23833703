"""The strongest white-box evaluation: a fixed sequence of attacks, each on what the ones before it left standing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.apgd import APGD
from agents.attackers.flat import FlatScores
from agents.attackers.minimal import MinimalNorm
from agents.attackers.pgd import PGD
from agents.attackers.rivals import MultiTargeted
from agents.attackers.square import Square
from agents.attackers.trail import Trail
from arena.engine import Margin
from arena.engine.arrays import Array, Mask
from arena.engine.model import hit, logits_of
from arena.moves import Perturbation
from arena.players import Attacker
from arena.referee import fingerprint
from arena.streams import digest
from arena.views import GradientView

SEQUENCE: tuple[Attacker[Any], ...] = (
    PGD(steps=50), MultiTargeted(), APGD(), MinimalNorm(steps=20, rivals=1), Square(queries=200), FlatScores(),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Strongest:
    """The table's judge, with nothing to tune: a row falls if it falls to any of the attacks.

    Cross-entropy ascent; a short run towards every rival class (nine at the most); longer runs from fresh starts towards
    the classes that came closest; then APGD, the minimal norm, and Square for networks whose gradients mislead; and
    HopSkipJump on rows where the scores tell nothing but the label.
    """

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The first success for each row, else the point that came nearest to one."""
        *_, last = self.trail(view, rng)
        return Perturbation(last.x)

    def trail(self, view: GradientView, rng: Generator, since: Trail | None = None) -> Iterator[Trail]:
        """What is found after each attack of the sequence; from `since` on, with the same stream, it ends the same."""
        at = since or Trail(0, view.field.x.copy(), np.flatnonzero(~_look(view, view.field.x)[0]), _identity(view))
        yield at
        for attacker, own in list(zip(SEQUENCE, rng.spawn(len(SEQUENCE)), strict=True))[at.done :]:
            at = _tried(attacker, view, at, own)
            yield at

    def kept(self, view: GradientView, rng: Generator, path: str | Path) -> Perturbation:
        """The same move, its trail kept in the .npz `path` after each attack: called again, it goes on from there.

        InvalidValue where the file is no trail, or one of another network, field or ball.
        """
        since = Trail.load(path, _identity(view)) if Path(path).exists() else None
        for at in self.trail(view, rng, since):
            at.save(path)
        return Perturbation(at.x)


def _tried(attacker: Attacker[Any], view: GradientView, at: Trail, rng: Generator) -> Trail:
    """One more attack on the rows that stand: a success replaces a row's point, and so does one that came nearer."""
    if not at.standing.size:
        return Trail(at.done + 1, at.x, at.standing, at.of)
    shown, x = view.only(at.standing), at.x.copy()
    found = attacker.move(shown, rng).x
    fallen, gap = _look(shown, found)
    nearer = fallen | (gap > _look(shown, x[at.standing])[1])
    x[at.standing[nearer]] = found[nearer]
    return Trail(at.done + 1, x, at.standing[~fallen], at.of)


def _identity(view: GradientView) -> str:
    return digest(view.ball, fingerprint(view))


def _look(view: GradientView, x: Array) -> tuple[Mask, Array]:
    """Which rows (n,) the model does not read right at x, finitely, and by how much the nearest rival leads there."""
    z = logits_of(view.model, x)
    return ~hit(z, view.field.y), Margin().value_and_grad(z, view.field.y)[0]
