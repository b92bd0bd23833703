"""The strongest white-box evaluation: a fixed sequence of attacks, each on what the ones before it left standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.apgd import APGD
from agents.attackers.minimal import MinimalNorm
from agents.attackers.pgd import PGD
from agents.attackers.rivals import Rivals
from agents.attackers.square import Square
from arena.engine.arrays import Array, Indices
from arena.moves import Perturbation
from arena.players import Attacker
from arena.views import GradientView

_LAST: tuple[Attacker[Any], ...] = (APGD(), MinimalNorm(steps=20, rivals=1), Square(queries=200))


@dataclass(frozen=True, kw_only=True)
class Strongest:
    """The table's judge, with nothing to tune: a row falls if it falls to any of the attacks.

    Cross-entropy ascent; a short run towards every rival class (nine at the most); longer runs from fresh starts towards
    the classes that came closest; then APGD, the minimal norm, and Square for networks whose gradients mislead.
    """

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """The first success for each row, else the point that came nearest to one."""
        answer = view.field.x.copy()
        standing = _standing(view, answer, np.arange(len(answer)))
        first, rivals, *others = rng.spawn(2 + len(_LAST))
        standing = _tried(PGD(steps=50), view, answer, standing, first)
        if standing.size:
            hunt = Rivals(view.only(standing), rivals)
            answer[standing] = hunt.run()
            standing = _standing(view, answer, standing)
        for attacker, own in zip(_LAST, others, strict=True):
            standing = _tried(attacker, view, answer, standing, own)
        return Perturbation(answer)


def _tried(attacker: Attacker[Any], view: GradientView, answer: Array, rows: Indices, rng: Generator) -> Indices:
    """Those of the rows that stand after the attacker; only a success replaces an answer."""
    if not rows.size:
        return rows
    found = attacker.move(view.only(rows), rng).x
    left = _standing(view, found, rows, at=np.arange(len(rows)))
    fallen = ~np.isin(rows, left)
    answer[rows[fallen]] = found[fallen]
    return left


def _standing(view: GradientView, x: Array, rows: Indices, at: Indices | None = None) -> Indices:
    """Those of the rows that the model reads right at x, finitely."""
    if not rows.size:
        return rows
    z = np.asarray(view.model.logits(x[rows if at is None else at]))
    return rows[np.isfinite(z).all(axis=1) & (z.argmax(axis=1) == view.field.y[rows])]
