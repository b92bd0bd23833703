"""How data is dealt: training rows, one disjoint field a round, and what an attacker may hold of the training distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass

from arena.batch import Batch
from arena.data import Dataset
from arena.errors import InvalidValue
from arena.streams import stream

_TEST_SHARE = 0.28  # the most of a small data set that is held out: 500 of the 1,797 digits


@dataclass(frozen=True, eq=False)
class Deal:
    """Training rows, fields, and the attacker's shadow rows."""

    train: Batch
    fields: tuple[Batch, ...]
    shadow: Batch


def deal(dataset: Dataset, *, points: int, rounds: int = 1, train: int | None = None, shadow: float = 0.0) -> Deal:
    """Deal by the rows' content alone: the same for every seed, so that seeds differ in training and attack alone.

    `points` test points (at most 28 % of the data) are shared out over the rounds; `train` limits the training rows;
    `shadow` is the share of them that is taken from the defender and given to the attacker, 0 for a view of all of them.
    """
    rows = dataset.rows
    held_out = min(points, int(len(rows) * _TEST_SHARE))
    each = held_out // rounds
    if each < 1:
        way = "fewer rounds" if held_out else f"a data set needs {math.ceil(1 / _TEST_SHARE)} rows or more"
        raise InvalidValue(f"{rounds} rounds need as many test points; {len(rows)} rows give {held_out}: {way}")
    order = stream("deal", rows.x.tobytes()).permutation(len(rows))
    fields = tuple(rows[order[i * each : (i + 1) * each]] for i in range(rounds))
    rest = order[each * rounds :][:train]
    taken = round(shadow * len(rest))
    if shadow and not 1 <= taken < len(rest):
        raise InvalidValue(
            f"shadow={shadow} of {len(rest)} training rows leaves one side with none; choose another share"
        )
    own = rows[rest[taken:]]
    return Deal(own, fields, rows[rest[:taken]] if taken else own)
