"""What stands beside a results table: queries, transfer, and the masking report; as text and as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arena.probing import Probes
from results import (
    ResultsTable,
    draw_curves,
    draw_transfer,
    findings_to_json,
    heat_map,
    masking_report,
    poison_report,
    query_table,
    ranking,
    transfer_matrix,
)
from results.expectation import MEASURED, expectation_table

FINDINGS = "findings.json"


def sections(scenario: Any, table: ResultsTable, probes: Probes | None) -> list[str]:
    """The text below the table."""
    found = []
    if scenario.threat.contamination:
        found += [poison_report(table), ranking(table)]
    if MEASURED in table.extras:
        found.append(expectation_table(table))
    if scenario.name == "query":
        found.append(query_table(table))
    if scenario.name == "transfer" and probes:
        found.append(str(transfer_matrix(table, probes.white_box)))
    if probes:
        found.append(masking_report(probes.findings(table, scenario.name, scenario.dataset.classes)))
    return found


def draw(folder: Path, scenario: Any, table: ResultsTable, probes: Probes | None) -> list[str]:
    """Draw the pictures, keep the findings for a later report; the pictures' names."""
    if probes:
        findings = probes.findings(table, scenario.name, scenario.dataset.classes)
        (folder / FINDINGS).write_text(findings_to_json(findings) + "\n", encoding="utf-8")
    heat_map(table, folder / "heat_map.png")
    drawn = ["heat_map.png"]
    if scenario.name == "query":
        draw_curves(table, folder / "queries.png")
        drawn.append("queries.png")
    if scenario.name == "transfer" and probes:
        draw_transfer(transfer_matrix(table, probes.white_box), folder / "transfer.png")
        drawn.append("transfer.png")
    return drawn
