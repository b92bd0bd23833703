"""The query meter: the referee's, outside the attacker; it counts every row sent, for the example that the row is about.

Which example that is, the attacker says, and the meter believes it: attacks by labels begin far outside the ball, at rows
of other classes, so no geometry tells. What is exact whatever it says: no more than budget × examples rows are ever answered.
An attacker that charges one example's questions to another moves its budget between them, and so do the counts an example.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from arena.engine import arrays
from arena.engine.arrays import Array, Indices, Labels
from arena.engine.model import Model, logits_of
from arena.errors import ArenaError


class OutOfQueries(ArenaError):
    """A call would ask more about an example than the budget allows; nothing was answered and nothing charged."""


@dataclass(frozen=True)
class Answers:
    """What a view can ask: closures over the meter, so that a view holds neither the model nor the counts."""

    labels: Callable[[Array, Indices | None], Labels]
    scores: Callable[[Array, Indices | None], Array]
    left: Callable[[], Indices | None]

    def about(self, chosen: Indices) -> Answers:
        """The same door for some of the examples, numbered anew."""

        def rows(given: Indices | None) -> Indices:
            return chosen if given is None else chosen[given]

        def left() -> Indices | None:
            remaining = self.left()
            return None if remaining is None else remaining[chosen]

        return Answers(lambda x, r: self.labels(x, rows(r)), lambda x, r: self.scores(x, rows(r)), left)


class Meter:
    """Counts the rows asked about, an entry an example, up to `budget` each (None: no limit)."""

    def __init__(self, model: Model, examples: int, budget: int | None) -> None:
        self._model, self._budget = model, budget
        self.counts = np.zeros(examples, np.int64)
        self._turnstile = Lock()  # an attacker may ask from several threads

    def answers(self) -> Answers:
        """The only door to the model: every row through it is counted first."""

        def scores(x: Array, rows: Indices | None = None) -> Array:
            return self._ask(x, rows)

        def labels(x: Array, rows: Indices | None = None) -> Labels:
            return self._ask(x, rows).argmax(axis=1)

        def left() -> Indices | None:
            return None if self._budget is None else self._budget - self.counts

        return Answers(labels, scores, left)

    def _ask(self, x: Array, rows: Indices | None) -> Array:
        x = arrays.rows(x)
        about = np.arange(len(self.counts)) if rows is None else np.asarray(rows)
        if about.shape != (len(x),):
            raise ValueError(
                f"a query says which example each row is about: {len(x)} rows need as many indices; got {about.shape}."
                f" Without indices, send one row for each of the {len(self.counts)} examples"
            )
        if about.size and about.dtype.kind not in "iu":
            raise ValueError(f"examples are named by integers; got {about.dtype}: of a mask, np.flatnonzero")
        if about.size and not (about.min() >= 0 and about.max() < len(self.counts)):
            raise ValueError(f"examples are numbered 0 to {len(self.counts) - 1}; got {about.min()} to {about.max()}")
        asked = np.bincount(about.astype(np.intp), minlength=len(self.counts))
        with self._turnstile:
            self._charge(asked)
        return logits_of(self._model, x)

    def _charge(self, asked: Indices) -> None:
        if self._budget is not None and (self.counts + asked > self._budget).any():
            short = int((self.counts + asked > self._budget).argmax())
            raise OutOfQueries(
                f"example {short} has {self._budget - self.counts[short]} of its {self._budget} queries left and"
                f" {asked[short]} were sent; see view.left before asking"
            )
        self.counts += asked
