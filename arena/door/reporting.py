"""A stored run, read again: its table, and the report that tells it in one file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

from arena import roster
from arena.door.sections import FINDINGS
from arena.errors import ArenaError, InvalidValue
from arena.information import Information, information
from results import ResultsTable, Store, findings_from_json
from results.report import report_of, to_html, to_latex, to_markdown

FORMS = {"html": (to_html, "html"), "markdown": (to_markdown, "md"), "latex": (to_latex, "tex")}
COMMAND = "command.txt"
CAPTIONS = {
    "example.png": "one attacked example: a point that was read right, the noise, what the model reads now",
    "queries.png": "accuracy against the number of queries",
    "transfer.png": "points fooled by examples that were made on another network",
    "fractions.png": "accuracy against the share of training rows that may be touched",
    "poisoned.png": "training rows before and after the attack",
    "exploitability.png": "exploitability by iteration",
}


def write(run: Path, form: str, output: Path | None) -> Path:
    """Tell a run in one file, and say which."""
    with Store.open(run) as store:
        table, plan = store.table(), store.plans()[0]
    spell, suffix = FORMS[form]
    path = output or run / f"report.{suffix}"
    try:
        report = report_of(
            table,
            information=seen_by_attackers(table),
            findings=_findings(run),
            pictures=_pictures(run, path.parent),
            commands=[*_command(run), f"python -m arena report {shlex.quote(str(run))} --to {form}"],
            rules=_rules(plan.about["scenario"]),
        )
        path.write_text(spell(report), encoding="utf-8")
    except (ValueError, OSError) as error:
        raise InvalidValue(f"{run}: {error}") from error
    return path


def seen_by_attackers(table: ResultsTable) -> Information | None:
    """What the attackers of a table's scenario see of the drawn model; None for a scenario that is not installed here."""
    names = {record.scenario for record in table.records}
    try:
        return information(roster.find("scenarios", names.pop()).shows) if len(names) == 1 else None
    except ArenaError:
        return None


def as_typed() -> str:
    """The command that is running, as one would type it."""
    return shlex.join(["python", "-m", "arena", *sys.argv[1:]])


def _findings(folder: Path) -> Any:
    kept = folder / FINDINGS
    return findings_from_json(kept.read_text(encoding="utf-8")) if kept.exists() else None


def _pictures(folder: Path, seen_from: Path) -> dict[str, tuple[str, bytes]]:
    """Captions and bytes of the run's pictures, by the path from the report to them."""
    kept = {folder / name: caption for name, caption in CAPTIONS.items() if (folder / name).exists()}
    return {os.path.relpath(path, seen_from): (caption, path.read_bytes()) for path, caption in kept.items()}


def _command(folder: Path) -> list[str]:
    kept = folder / COMMAND
    return [kept.read_text(encoding="utf-8").strip()] if kept.exists() else []


def _rules(scenario: str) -> str:
    """The scenario with its parameters, without the modules it lives in."""
    return scenario.replace("arena.threat.", "").rpartition("scenarios.")[2].partition(".")[2] or scenario
