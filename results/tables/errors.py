"""Regressors: how far off they are, beside the share of rows on which they are near enough."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from results.tables.columns import columns_of
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

MEASURED = "mean_error_clean"


def error_table(table: ResultsTable) -> str:
    """Tabulate the last round's absolute errors, attackers down: the mean over points and seeds, and the largest."""
    played = round_of(table.records)
    rows = [["clean", *(_cell(played, played.attackers, name, "clean") for name in played.defenders)]]
    rows += [[a, *(_cell(played, [a], name, "attacked") for name in played.defenders)] for a in played.attackers]
    title = f"{played.scenario}: absolute error, mean (largest); above, a point is right where the error is tolerated"
    return f"{title}\n\n{columns_of(('', *played.defenders), rows)}"


def _cell(played: Round, attackers: Sequence[str], defender: str, when: str) -> str:
    records = [r for (a, d, _), r in played.met.items() if a in attackers and d == defender and not r.forfeit]
    found = [dict(record.extras) for record in records if f"mean_error_{when}" in dict(record.extras)]
    if not found or len(found) < len(
        records
    ):  # a row without a value in some match: a mean of the others would flatter
        return "–"
    mean, largest = fmean(e[f"mean_error_{when}"] for e in found), max(e[f"largest_error_{when}"] for e in found)
    return f"{mean:.3f} ({largest:.2f})"
