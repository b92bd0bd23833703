"""A stored run, read again: its table, and the report that tells it in one file."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import typer

from arena import roster
from arena.door.options import Run, legible
from arena.door.sections import FINDINGS
from arena.engine.arrays import Mask
from arena.errors import ArenaError, InvalidValue
from arena.information import Information, information
from results import ResultsTable, Store, findings_from_json

T = TypeVar("T")
SUFFIXES = {"html": "html", "markdown": "md", "latex": "tex"}
ABOUT = "about.json"
CAPTIONS = {
    "example.png": "one attacked example: a point that was read right, the noise, what the model reads now",
    "queries.png": "accuracy against the number of queries",
    "transfer.png": "points fooled by examples that were made on another network",
    "fractions.png": "accuracy against the share of training rows that may be touched",
    "poisoned.png": "training rows before and after the attack",
    "exploitability.png": "exploitability by iteration",
}


class Form(StrEnum):
    """How a report is written down."""

    html = "html"
    markdown = "markdown"
    latex = "latex"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)


def report(
    run: Run,
    to: Annotated[Form, typer.Option(help="html: one file for any browser; markdown; latex (booktabs).")] = Form.html,
    output: Annotated[
        Path | None, typer.Option(help="Where to; default report.html, .md or .tex in RUN.", callback=legible)
    ] = None,
) -> None:
    """Tell a run in one file: tables, equilibrium, rankings, curves, flags, pictures, every number with its interval."""
    typer.echo(f"written to {write(run, to.value, output)}")


def write(run: Path, form: str, output: Path | None) -> Path:
    """Tell a run in one file, and say which."""
    from results.report import report_of, to_html, to_latex, to_markdown

    with Store.open(run) as store:
        table = store.table()
    typer.echo("solving the game again on resampled tables …", err=True)
    path = output or run / f"report.{SUFFIXES[form]}"
    try:
        about = _kept(run / ABOUT, _about) or {}
        again = f"python -m arena report {shlex.quote(str(run))} --to {form}"
        told = report_of(
            table,
            information=seen_by_attackers(table),
            findings=_kept(run / FINDINGS, findings_from_json),
            pictures=_pictures(run, path.parent),
            texts={path.stem: text for path in _texts(run) if (text := _kept(path, str))},
            certified=about.get("certified"),
            commands=[*filter(None, [about.get("command")]), again],
            rules=about.get("rules", ""),
        )
        spell = {"html": to_html, "markdown": to_markdown, "latex": to_latex}[form]
        path.write_text(spell(told), encoding="utf-8")
    except (ValueError, OSError) as error:
        raise InvalidValue(f"{run}: {error}") from error
    return path


def seen_by_attackers(table: ResultsTable) -> Information | None:
    """What the attackers of a table's scenario see of the drawn model; None for a scenario that is not installed here."""
    names = {record.scenario for record in table.records}
    try:
        return information(roster.build("scenarios", names.pop()).shows) if len(names) == 1 else None
    except ArenaError:
        return None


def remember(folder: Path, rules: str, certified: Mapping[tuple[str, int], Mask] | None = None) -> None:
    """Keep what a later report says of a run: the game's rules in a line, the command that is running, what is proven."""
    about = {
        "rules": rules,
        "command": running_command(),
        "certified": [
            [*seat, "".join("01"[bool(point)] for point in points)] for seat, points in (certified or {}).items()
        ],
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def running_command() -> str:
    """The command that is running, to be given again."""
    return shlex.join(["python", "-m", "arena", *sys.argv[1:]])


def _kept(path: Path, read: Callable[[str], T]) -> T | None:
    """What a file beside the table says; None where there is none, or where it is damaged, which is said."""
    try:
        return read(path.read_text(encoding="utf-8")) if path.exists() else None
    except (ValueError, KeyError, TypeError, OSError) as error:
        typer.echo(f"{path} cannot be read ({error}): told without it", err=True)
        return None


def _about(text: str) -> dict[str, Any]:
    """What `remember` wrote; ValueError, KeyError or TypeError for anything else."""
    about = json.loads(text)
    proven = {(str(name), int(seed)): np.array(list(points)) == "1" for name, seed, points in about["certified"]}
    return {"rules": str(about["rules"]), "command": str(about["command"]), "certified": proven}


def _texts(folder: Path) -> list[Path]:
    """What other commands wrote beside the run; its own table is told anyway."""
    return [path for path in sorted(folder.glob("*.txt")) if path.name != "table.txt"]


def _pictures(folder: Path, seen_from: Path) -> dict[str, tuple[str, bytes]]:
    """Captions and bytes of the run's pictures, by the path from the report to them."""
    kept = {folder / name: caption for name, caption in CAPTIONS.items() if (folder / name).exists()}
    return {os.path.relpath(path, seen_from): (caption, path.read_bytes()) for path, caption in kept.items()}
