"""What attackers by questions share: how much each example may be asked about."""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Indices
from arena.views import LabelView

_UNLIMITED = 1000  # questions an example where neither the view nor the player sets a limit


def budgets(view: LabelView, queries: int | None) -> Indices:
    """How many questions each example gets (n,): what the view has left, at most `queries`."""
    left = view.left
    if left is None:
        return np.full(len(view.field), _UNLIMITED if queries is None else queries, np.intp)
    return left.astype(np.intp) if queries is None else np.minimum(left, queries)
