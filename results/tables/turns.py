"""A game grown by best responses as a table: the bracket around its value, turn by turn, and what everybody loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from results.game.turns import Array, Turn, mean_interval
from results.tables.columns import Block, lined_up, split_name


def turn_table(turns: Sequence[Turn]) -> str:
    """A line a turn: how many strategies, the restricted value, the bracket, the gap with its interval, in %."""
    header: list[Block] = [
        (name,) for name in ("turn", "attacks", "networks", "value", "lower", "upper", "exploitability", "95 %")
    ]
    rows: list[list[Block]] = [
        [
            (str(number),),
            (str(len(turn.attacker)),),
            (str(len(turn.defender)),),
            *((f"{100 * share:.1f}",) for share in (turn.value, turn.lower, turn.upper, turn.gap.estimate)),
            (f"{100 * turn.gap.low:.1f} to {100 * turn.gap.high:.1f}",),
        ]
        for number, turn in enumerate(turns)
    ]
    return "\n".join(lined_up(header, rows, after=(0,)))


def loss_table(rows: Mapping[str, Mapping[str, Array]]) -> str:
    """Mean losses, in % of points, with 95 % intervals: the outer names down, the inner ones across, the worst case last."""
    names = list(next(iter(rows.values())))
    header: list[Block] = [("lost, %",), *(split_name(name) for name in names), ("worst", "case")]
    lines: list[list[Block]] = [
        [(label,), *(_cell(loss) for loss in losses.values()), _cell(np.max(list(losses.values()), axis=0))]
        for label, losses in rows.items()
    ]
    return "\n".join(lined_up(header, lines, after=(0,)))


def _cell(losses: Array) -> Block:
    interval = mean_interval(losses)
    return f"{100 * interval.estimate:.1f}", f"{100 * max(interval.low, 0):.1f}–{100 * min(interval.high, 1):.1f}"
