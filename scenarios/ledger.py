"""What one game of poisoning came to: hits with and without the poison, and the figures beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arena.batch import Batch
from arena.engine.model import Model
from arena.moves import Deployment
from arena.poisoning.referee import Poisoned
from arena.poisoning.view import Goal
from arena.referee import Round, hits
from arena.threat import Contamination

BUDGETS = (1, 5, 10)  # poisoned rows that certified accuracy is told for


@dataclass(frozen=True, eq=False)
class Ledger:
    """The model trained without poison, the one trained with it, and the poison; `rows` is the size before the attack."""

    reference: Model
    deployed: Deployment
    poisoned: Poisoned
    allowance: Contamination
    rows: int

    def scored(self, goal: Goal, field: Batch, triggered: Batch | None) -> Round:
        """The round: clean = hits of the reference, attacked = hits of the poisoned model, on the points that count.

        Those are all points, the chosen ones, the source class, or with a trigger the other classes than the target.
        """
        model = self.deployed.model
        extras = {**self._accuracies(field), **self._sanitised(), **self._certified(field)}
        judged = field
        if goal.kind == "targeted":
            judged = field[field.y == goal.source]
        elif goal.points is not None:
            judged = goal.points
        elif triggered is not None:
            judged = field[field.y != goal.target]
        answer = judged if triggered is None else triggered
        extras |= self._success(goal, answer)
        return Round(hits(self.reference, judged), hits(model, answer), judged, answer, model, None, extras)

    def _accuracies(self, field: Batch) -> dict[str, float]:
        return {
            "rows_touched": float(self.poisoned.touched.sum()),
            "share_touched": float(self.poisoned.touched.sum() / self.rows),
            "reference_accuracy": float(hits(self.reference, field).mean()),
            "poisoned_accuracy": float(hits(self.deployed.model, field).mean()),
        }

    def _success(self, goal: Goal, answer: Batch) -> dict[str, float]:
        """How often the rows that count are read as the attacker wants, and how often the clean model reads them so."""
        wanted = goal.wanted if goal.kind == "points" else goal.target
        if goal.kind == "availability" or wanted is None or not len(answer):
            return {}
        return {
            "attack_success": float((self.deployed.model.logits(answer.x).argmax(axis=1) == wanted).mean()),
            "attack_success_clean": float((self.reference.logits(answer.x).argmax(axis=1) == wanted).mean()),
        }

    def _sanitised(self) -> dict[str, float]:
        """True and false positive rates of a defender that says which rows it did not trust."""
        suspects, touched = self.deployed.suspects, self.poisoned.touched
        if suspects is None:
            return {}
        found = {"true_positive_rate": touched, "false_positive_rate": ~touched}
        return {name: float(suspects[rows].mean()) for name, rows in found.items() if rows.any()}

    def _certified(self, field: Batch) -> dict[str, float]:
        """Certified accuracy by rows poisoned, and by as many as are allowed; and certified predictions changed: none may be.

        None where the rows were sanitised first: one poisoned row may decide about any other, so that no vote is sure.
        """
        radii = getattr(self.deployed.model, "radii", None)
        if radii is None or self.deployed.suspects is not None:
            return {}
        each = 2 if self.allowance.may_edit else 1  # an edit is a deletion and an insertion
        sure, model = radii(field.x), self.deployed.model
        right, allowed = hits(model, field), sure >= each * self.allowance.limit(self.rows)
        changed = model.logits(field.x).argmax(axis=1) != self.reference.logits(field.x).argmax(axis=1)
        return {
            "certified_accuracy": float((allowed & right).mean()),
            **{f"certified_accuracy_{b}": float(((sure >= each * b) & right).mean()) for b in BUDGETS},
            "certificates_broken": float((allowed & changed).sum()),
        }


def joined(rounds: Sequence[Round]) -> Round:
    """The trials as one round, a point each; its extras are their means, its model the last."""
    field, answer = rounds[0].field, rounds[0].answer
    for r in rounds[1:]:
        field, answer = field.joined(r.field), answer.joined(r.answer)
    clean, attacked = (np.concatenate([getattr(r, name) for r in rounds]) for name in ("clean", "attacked"))
    return Round(clean, attacked, field, answer, rounds[-1].model, None, _means([r.extras for r in rounds]))


def _means(extras: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([e[name] for e in extras])) for name in extras[0] if all(name in e for e in extras)}
