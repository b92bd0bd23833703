"""The bracket of each defender as a table: certified <= exact <= attacked <= clean, with the gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from results.records.packing import Hits
from results.statistics.intervals import crossed
from results.tables.columns import Block, lined_up, sample, split_name

GAPS = ("attacked - certified", "attacked - exact", "exact - certified", "undecided")


@dataclass(frozen=True, eq=False)
class BracketRow:
    """What was proven and shown of one defender's points, all of shape (seeds, points).

    `certified` by method; `exact`: verified by any proof, the exact verifier's included, None where that was not asked
    everywhere; `undecided`: neither verified nor broken; `attacked` and `clean`: read right.
    """

    certified: Mapping[str, Hits]
    exact: Hits | None
    undecided: Hits
    attacked: Hits
    clean: Hits

    @property
    def proven(self) -> Hits:
        """Certified by some method."""
        return np.logical_or.reduce(list(self.certified.values()))


def bracket_table(rows: Mapping[str, BracketRow], ball: str) -> str:
    """Tabulate defenders across and the bracket from clean down to certified, then the gaps; `ball` says which ball."""
    first = next(iter(rows.values()))
    accuracies: dict[str, list[Hits | None]] = {
        "clean": [row.clean for row in rows.values()],
        "attacked": [row.attacked for row in rows.values()],
        "exact": [row.exact for row in rows.values()],
    }
    accuracies |= {method: [row.certified[method] for row in rows.values()] for method in first.certified}
    gaps = [_gaps(row) for row in rows.values()]
    body: list[list[Block]] = [[(name,), *(_share(hits) for hits in line)] for name, line in accuracies.items()]
    body += [[(name,), *(own[i] for own in gaps)] for i, name in enumerate(GAPS)]
    lines = lined_up([(), *map(split_name, rows)], body, after=(0, 1, 2, 3, len(accuracies)))
    title = f"certified <= exact <= attacked <= clean: accuracy in % with 95 % interval, {ball}"
    return "\n".join([f"{title}, {sample(range(len(first.clean)), first.clean.shape[1])}", "", *lines])


def _gaps(row: BracketRow) -> list[Block]:
    """In points of a hundred; one gap where the exact answer is not known."""
    proven, attacked = float(row.proven.mean()), float(row.attacked.mean())
    exact = np.nan if row.exact is None else float(row.exact.mean())
    gaps = (attacked - proven, attacked - exact, exact - proven, float(row.undecided.mean()))
    return [("–" if np.isnan(gap) else f"{100 * gap:.1f}",) for gap in gaps]


def _share(hits: Hits | None) -> Block:
    if hits is None:
        return ("–",)
    found = crossed(hits)
    return f"{100 * found.estimate:.1f}", f"{100 * found.low:.1f}–{100 * found.high:.1f}"
