"""A tournament from the command line: a run folder, progress, the table, the pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from arena.contest import tournament
from arena.door.certified import certified_points
from arena.door.example import draw_example
from arena.door.poisoning import draw_poisoning
from arena.door.progress import Bars
from arena.door.reporting import remember
from arena.door.sections import draw, sections
from arena.engine.arrays import Mask
from arena.engine.threads import cores
from arena.errors import ArenaError, InvalidValue
from arena.information import information
from arena.players import AnyAttacker, Defender, spec
from arena.poisoning.view import PoisonView
from arena.probing import Probes, probe
from arena.streams import digest
from arena.views import GradientView
from results import RecordWriter, ResultsTable


def run(
    scenario: Any,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    seeds: Sequence[int],
    out: Path | None,
    workers: int | None,
) -> None:
    """Play, keep every record as it is made, print the table, draw the pictures; Ctrl-C keeps what is finished."""
    plan = {
        "scenario": spec(scenario),
        "attackers": {name: spec(player) for name, player in attackers.items()},
        "defenders": {name: spec(player) for name, player in defenders.items()},
        "seeds": list(seeds),
    }
    typer.echo(_rules(scenario), err=True)
    folder = _folder(out or Path("runs") / f"{scenario.name}-{digest(scenario.content(), json.dumps(plan))[:8]}", plan)
    partial = folder / "records.partial.csv"
    if partial.exists():
        partial.replace(folder / "records.interrupted.csv")
    pairs = len(defenders) * len(seeds)
    with RecordWriter(partial) as writer, Bars(writer, pairs, pairs * len(attackers)) as bars:
        try:
            table = tournament(scenario, attackers, defenders, seeds=seeds, workers=workers, observer=bars)
        except KeyboardInterrupt:
            _interrupted(bars, partial)
            raise
    table.to_csv(folder / "records.csv")
    partial.unlink()
    probes = None
    if bars.openings and scenario.rounds == 1 and not issubclass(scenario.shows, PoisonView):
        typer.echo("probing the deployed models for hidden gradients …", err=True)
        probes = probe(scenario, defenders, bars.openings, workers or cores())
    certified = certified_points(scenario, bars.openings, table) if _bounded(scenario) else {}
    _report(folder, table, scenario, attackers, defenders, probes, certified, workers)
    if all(record.forfeit for record in table.records):
        raise ArenaError("every match was forfeited; the reasons stand in the table's notes")


def _bounded(scenario: Any) -> bool:
    return scenario.rounds == 1 and issubclass(scenario.shows, GradientView)


def _rules(scenario: Any) -> str:
    train, fields = scenario.deal.train, scenario.deal.fields
    if scenario.threat.contamination:
        return f"{scenario.name} on {scenario.dataset.name}: {scenario.summary}"
    ball = scenario.threat.ball
    return (
        f"{scenario.name} on {scenario.dataset.name}: {len(train)} rows to train on, {sum(map(len, fields))} to be judged by;"
        f" {ball.norm} ball of radius {ball.radius:g} in the box [{ball.box[0]:g}, {ball.box[1]:g}]"
    )


def _folder(folder: Path, plan: Mapping[str, Any]) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plan.json").write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidValue(
            f"the run folder {folder} cannot be written ({error}): choose another with --out DIR"
        ) from error
    return folder


def _report(
    folder: Path,
    table: ResultsTable,
    scenario: Any,
    attackers: Mapping[str, Any],
    defenders: Mapping[str, Any],
    probes: Probes | None,
    certified: Mapping[tuple[str, int], Mask],
    workers: int | None,
) -> None:
    grid = table.grid(timings=True, information=information(scenario.shows))
    grid = grid.with_certified(certified) if certified else grid
    text = "\n\n".join([str(grid), *sections(scenario, table, probes)])
    remember(folder, _rules(scenario))
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    typer.echo(text)
    drawn = draw(folder, scenario, table, probes)
    if issubclass(scenario.shows, PoisonView):
        drawn += draw_poisoning(folder, scenario, table, attackers, defenders, workers)
    elif draw_example(folder / "example.png", table, scenario, attackers, defenders):
        drawn.append("example.png")
    typer.echo(f"\nwritten to {folder}: {', '.join(['records.csv', 'table.txt', *drawn])}")


def _interrupted(bars: Bars, partial: Path) -> None:
    if not bars.records:
        typer.echo("interrupted before the first match ended; nothing to keep", err=True)
        return
    typer.echo(str(ResultsTable(tuple(bars.records)).grid()))
    typer.echo(f"\ninterrupted: the {len(bars.records)} finished records are kept in {partial}", err=True)
