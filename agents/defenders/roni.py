"""Reject on negative impact: rows that make a model worse on trusted questions are not trusted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.sanitised import Cleaned, without
from arena.batch import Batch
from arena.checks import positive, whole
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class RONI:
    """Removes batches of `batch` rows that lower a logistic model's accuracy on trusted rows (after Nelson et al., 2008).

    Each batch is added to `trials` bases of `base` trusted rows, asked the other trusted ones; it goes where its mean change
    lies more than `deviations` standard deviations below that of trusted batches. Needs a scenario with trusted rows.
    """

    base: int = 40
    batch: int = 10
    trials: int = 2
    deviations: float = 2.0

    def __post_init__(self) -> None:
        for name in ("base", "batch", "trials"):
            whole(name, getattr(self, name))
        positive("deviations", self.deviations)

    def clean(self, view: DefenderView, rng: Generator) -> Cleaned:
        """The batches that do no harm."""
        if view.trusted is None or len(view.trusted) < self.base + 4 * self.batch:
            raise InvalidValue(
                f"RONI needs at least {self.base + 4 * self.batch} trusted rows;"
                f" {0 if view.trusted is None else len(view.trusted)} are shown: play poisoning(trusted=0.1), or a smaller base"
            )
        exams = [_Exam.drawn(view.trusted, self.base, rng) for _ in range(self.trials)]
        order = rng.permutation(len(view.train))
        groups = [order[i : i + self.batch] for i in range(0, len(order), self.batch)]
        usual = self._usual(view.trusted, exams, rng)
        limit = usual.mean() - self.deviations * usual.std()
        harm = [np.mean([exam.change(view.train[group]) for exam in exams]) for group in groups]
        suspects = np.zeros(len(order), np.bool_)
        for group, change in zip(groups, harm, strict=True):
            suspects[group] = change < limit
        return without(view.train, suspects)

    def _usual(self, trusted: Batch, exams: list[_Exam], rng: Generator) -> Array:
        """Mean changes by 30 trusted batches."""
        drawn = [rng.choice(len(trusted), self.batch, replace=False) for _ in range(30)]
        return np.array([np.mean([exam.change(trusted[rows]) for exam in exams]) for rows in drawn])


@dataclass(frozen=True, eq=False)
class _Exam:
    """A base to add to, questions to ask, and the accuracy of the base alone."""

    base: Batch
    quiz: Batch
    before: float

    @classmethod
    def drawn(cls, trusted: Batch, size: int, rng: Generator) -> _Exam:
        order = rng.permutation(len(trusted))
        base, quiz = trusted[order[:size]], trusted[order[size:]]
        return cls(base, quiz, _accuracy(base, quiz))

    def change(self, rows: Batch) -> float:
        """How much the accuracy rises by adding these rows."""
        return _accuracy(self.base.joined(rows), self.quiz) - self.before


def _accuracy(train: Batch, quiz: Batch) -> float:
    from sklearn.linear_model import LogisticRegression

    if train.y.min() == train.y.max():
        return float((quiz.y == train.y[0]).mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # unconverged after 40 steps is close enough to compare
        model = LogisticRegression(max_iter=40).fit(train.x, train.y)
    return float(model.score(quiz.x, quiz.y))
