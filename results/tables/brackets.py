"""The bracket of each defender as a table, certified <= exact <= attacked <= clean with the gaps, and as a picture over radii."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from results.drawing.style import COLOURS, explain, panels, save
from results.statistics.intervals import crossed
from results.storage.packing import Hits
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


def draw_brackets(
    ladders: Mapping[str, Sequence[tuple[float, BracketRow]]], path: str | os.PathLike[str], title: str
) -> None:
    """Write a PNG of accuracy over the radius: a panel a defender; certified, exact where it was asked, attacked, clean."""
    figure, drawn = panels(list(ladders), title)
    for axes, rungs in zip(drawn, ladders.values(), strict=True):
        clean = float(rungs[0][1].clean.mean())
        lines = {
            "clean": [(0.0, clean), *((radius, clean) for radius, _ in rungs)],
            "attacked": [(0.0, clean), *((radius, float(row.attacked.mean())) for radius, row in rungs)],
            "exact": [(radius, float(row.exact.mean())) for radius, row in rungs if row.exact is not None],
            "certified": [(0.0, clean), *((radius, float(row.proven.mean())) for radius, row in rungs)],
        }
        for (name, points), colour, style in zip(lines.items(), COLOURS, ("--", "o-", "D", "s-"), strict=False):
            x, y = np.array(points or [(np.nan, np.nan)]).T
            axes.plot(x, 100 * y, style, color=colour, label=name, lw=1.6, ms=7 if name == "exact" else 3.5, mfc="none")
        axes.set_ylim(-2, 102)
    explain(figure, ("clean", "attacked", "exact", "certified"), "radius in pixels", "accuracy, % of test points")
    save(figure, path)
