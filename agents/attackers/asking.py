"""What attackers by questions share: how much each example may be asked about, and what an answer is worth."""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array, Indices, Labels
from arena.views import LabelView

_UNLIMITED = 1000  # questions an example where neither the view nor the player sets a limit


def budgets(view: LabelView, queries: int | None) -> Indices:
    """How many questions each example gets (n,): what the view has left, at most `queries`."""
    left = view.left
    if left is None:
        return np.full(len(view.field), _UNLIMITED if queries is None else queries, np.intp)
    return left.astype(np.intp) if queries is None else np.minimum(left, queries)


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
