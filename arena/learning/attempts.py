"""Examples under attack, step by step: where each stands, what the target last said of it, and how often it was asked."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np

from arena.engine.arrays import Array, Indices, Labels, Mask, finite
from arena.engine.losses import Margin
from arena.engine.model import passes
from arena.threat import Ball
from arena.views import EvasionView, GradientView, LabelView, ScoreView

Slots: TypeAlias = Indices | slice  # a slice of all is the fast way to say all


class Look:
    """Asks a view about rows: (z, g), the scores and where they are in sight the gradient of the margin, else None.

    Where only labels are in sight, z is one at the label and zero elsewhere, so that the margin is +1 or -1.
    """

    def __init__(self, view: EvasionView, classes: int) -> None:
        if not isinstance(view, LabelView):
            raise TypeError(f"an attack step by step asks the target; a {type(view).__name__} answers nothing")
        self._view, self._one_hot = view, np.eye(classes, dtype=np.float32)
        self._pass = passes(view.model) if isinstance(view, GradientView) else None

    def __call__(self, x: Array, y: Labels, rows: Indices) -> tuple[Array, Array | None]:
        """Ask about x (m, d) of labels y (m,), each about the example of the field in `rows` (m,)."""
        if self._pass is not None:
            z = self._pass.forward(x)
            return z, finite(self._pass.backward(Margin().value_and_grad(z, y)[1]))
        if isinstance(self._view, ScoreView):
            return self._view.scores(x, rows), None
        return self._one_hot[self._view.labels(x, rows)], None


class Attempts:
    """N slots, each an example of label `y` that began at `center` (n, d) and stands at `x`, with scores `z` and gradient `g`.

    `margin` (n,) is above zero where it is misread; `tried` (n, actions) marks the actions taken in vain since the last gain;
    `used` (n,) counts the questions after the first.
    """

    def __init__(self, n: int, features: int, classes: int, ball: Ball, *, steps: int = 1, actions: int = 0) -> None:
        self.ball, self.steps, self.classes = ball, steps, classes
        self._points = np.zeros((4, n, features), np.float32)
        self.center, self.x, self._low, self._high = self._points
        self.z, self.g = np.zeros((n, classes), np.float32), np.zeros((n, features), np.float32)
        self.y, self.used = np.zeros((2, n), np.intp)
        self.marks = 2 * np.eye(classes, dtype=np.float32) - 1  # a label as numbers in [-1, 1]
        self.margin = np.zeros(n, np.float32)
        self.tried = np.zeros((n, actions), np.float32)

    def place(self, slots: Slots, x: Array, y: Labels, z: Array, g: Array | None) -> None:
        """Put fresh examples x (m, d) of labels y into the slots, with what the target says of them."""
        self.center[slots], self.x[slots], self.y[slots], self.z[slots] = x, x, y, z
        self.margin[slots], self.used[slots], self.tried[slots] = margins(z, y), 0, 0
        if self.ball.norm == "linf":
            self._low[slots], self._high[slots] = self.ball.bounds(x)
        if g is not None:
            self.g[slots] = g

    def copy(self, slots: Indices, others: Attempts, rows: Indices) -> None:
        """Put the examples that stand in other slots into these, as fresh ones."""
        self._points[:, slots] = others._points.take(rows, axis=1)
        for name in ("y", "z", "g", "margin"):
            getattr(self, name)[slots] = getattr(others, name).take(rows, axis=0)
        self.used[slots], self.tried[slots] = 0, 0

    def project(self, slots: Slots, x: Array) -> Array:
        """The nearest points to x (m, d) in the ball and the box around the slots' centres, as the ball projects."""
        if self.ball.norm == "linf":
            return np.minimum(np.maximum(x, part(self._low, slots)), part(self._high, slots))
        return self.ball.project(x, part(self.center, slots))

    def settle(self, slots: Slots, x: Array, z: Array, g: Array | None, *, only_gains: bool) -> tuple[Array, Mask]:
        """Charge a question to each slot and move them to x (m, d), `only_gains`: where the margin rises.

        Returns the gain in margin that x brings or would have brought, and which slots moved, both (m,).
        """
        self.used[slots] += 1
        margin = margins(z, self.y[slots])
        gain = margin - self.margin[slots]
        kept = gain > 0 if only_gains else np.ones(len(x), np.bool_)
        if not kept.all():
            slots, x, z, margin = self.numbers[slots][kept], x[kept], z[kept], margin[kept]
            g = None if g is None else g[kept]
        self.x[slots], self.z[slots], self.margin[slots] = x, z, margin
        if g is not None:
            self.g[slots] = g
        return gain, kept

    @property
    def numbers(self) -> Indices:
        """All slots by number."""
        return np.arange(len(self.x))

    @property
    def fooled(self) -> Mask:
        """Which slots (n,) are misread where they stand."""
        return self.margin > 0

    @property
    def spent(self) -> Mask:
        """Which slots (n,) are out of steps."""
        return self.used >= self.steps


class Craft(Protocol):
    """What an action does to an example, and what the agent sees: the part in which the environments differ."""

    @property
    def actions(self) -> int:
        """How many discrete actions there are; 0: an action is a number in [-1, 1] for each feature."""

    def length(self, classes: int) -> int:
        """How long an observation is."""

    def propose(self, attempts: Attempts, slots: Slots, actions: Any) -> Array:
        """The points (m, d) that the actions lead to."""

    def settle(self, attempts: Attempts, slots: Slots, actions: Any, x: Array, z: Array, g: Array | None) -> Array:
        """Move the slots to x as the rules say: the gain in margin of each (m,)."""

    def observe(self, attempts: Attempts) -> Array:
        """Observations (n, length), float32 in [-1, 1], in a fresh array."""


def part(a: Any, slots: Slots) -> Any:
    """The slots' rows of a: as they are where that is all, else copied."""
    return a[slots] if isinstance(slots, slice) else a.take(slots, axis=0)


def margins(z: Array, y: Labels) -> Array:
    """max_{j != y} z_j - z_y (n,) of logits z (n, classes): above zero, or NaN, exactly where z misreads y."""
    n, classes = z.shape
    starts = np.arange(0, n * classes, classes)
    own, others = starts + y, z.copy()
    others.put(own, -np.inf)
    rival = others.argmax(axis=1)
    margin = others.take(starts + rival) - z.take(own)
    tied = (margin == 0) & (rival < y)  # argmax reads a tie as the lower label
    return np.where(tied, np.finfo(z.dtype).tiny, margin) if tied.any() else margin
