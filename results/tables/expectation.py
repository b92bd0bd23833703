"""Randomised defenders, scored exactly: the mean over their draws instead of one evenly spread draw a point."""

from __future__ import annotations

from statistics import fmean

from results.tables.rounds import round_of
from results.tables.table import ResultsTable

MEASURED = "expected_attacked"


def expectation_table(table: ResultsTable) -> str:
    """Tabulate the last round's expected accuracies of the defenders that draw, attackers down, means over the seeds."""
    played = round_of(table.records)
    drawing = [
        name for name in played.defenders if any(_expected(table, played.number, a, name) for a in played.attackers)
    ]
    lines = [["", *drawing]]
    for attacker in played.attackers:
        found = [_expected(table, played.number, attacker, name) for name in drawing]
        lines.append([attacker, *(f"{100 * fmean(values):.1f}" if values else "–" for values in found)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ["  ".join([c.ljust(w) if not k else c.rjust(w) for k, (c, w) in enumerate(zip(line, widths, strict=True))])
            for line in lines]  # fmt: skip
    return "\n".join(
        [f"{played.scenario}: accuracy in % expected over a randomised defender's draws, exact", "", *text]
    )


def _expected(table: ResultsTable, number: int, attacker: str, defender: str) -> list[float]:
    records = table.where(attacker=attacker, defender=defender, round=number).records
    return [value for record in records for name, value in record.extras if name == MEASURED]
