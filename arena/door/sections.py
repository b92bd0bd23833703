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
from results.tables.errors import MEASURED as ERRORS
from results.tables.errors import error_table
from results.tables.expectation import MEASURED, expectation_table

FINDINGS = "findings.json"


def sections(scenario: Any, table: ResultsTable, probes: Probes | None) -> list[str]:
    """The text below the table."""
    found = []
    if scenario.threat.contamination:
        found += [poison_report(table), ranking(table)]
    if MEASURED in table.extras:
        found.append(expectation_table(table))
    if ERRORS in table.extras:
        found.append(error_table(table))
    if scenario.name == "query":
        found.append(query_table(table))
    if scenario.name == "transfer" and probes:
        found.append(str(transfer_matrix(table, probes.white_box)))
    if probes:
        found.append(masking_report(probes.findings(table, scenario.name, scenario.dataset.classes)))
    return found


def draw(folder: Path, scenario: Any, table: ResultsTable) -> list[str]:
    """Draw what the table alone says; the pictures' names."""
    heat_map(table, folder / "heat_map.png")
    if scenario.name != "query":
        return ["heat_map.png"]
    draw_curves(table, folder / "queries.png")
    return ["heat_map.png", "queries.png"]


def draw_probes(folder: Path, scenario: Any, table: ResultsTable, probes: Probes) -> list[str]:
    """Keep the findings for a later report, draw what the probes add; the pictures' names."""
    findings = probes.findings(table, scenario.name, scenario.dataset.classes)
    (folder / FINDINGS).write_text(findings_to_json(findings) + "\n", encoding="utf-8")
    if scenario.name != "transfer":
        return []
    draw_transfer(transfer_matrix(table, probes.white_box), folder / "transfer.png")
    return ["transfer.png"]
