"""A tournament from the command line: a run folder, progress, the table, the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from arena.contest import tournament
from arena.door.certified import certified_points
from arena.door.cluster import executor
from arena.door.example import draw_example
from arena.door.log import Log
from arena.door.poisoning import draw_poisoning
from arena.door.progress import Bars
from arena.door.reporting import remember
from arena.door.sections import draw, sections
from arena.door.settings import Settings
from arena.engine.arrays import Mask
from arena.engine.threads import cores
from arena.errors import ArenaError
from arena.information import information
from arena.jobs.pools import Elsewhere
from arena.jobs.runner import Runner, runner
from arena.keeping.shelf import kept
from arena.match import Opening, open_match
from arena.players import AnyAttacker, Defender
from arena.poisoning.view import PoisonView
from arena.probing import Probes, probe
from arena.views import GradientView
from results import ResultsTable, Store, StoreError, StoreWriter

Openings = dict[tuple[str, int], Opening]


def run(
    wanted: Settings,
    scenario: Any,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    *,
    live: bool = False,
) -> None:
    """Play what the run folder lacks, print the table, draw the pictures; Ctrl-C keeps what is finished."""
    typer.echo(_rules(scenario), err=True)
    folder = folder_of(wanted.out, scenario)
    matches = len(attackers) * len(defenders) * len(list(wanted.seeds))
    with StoreWriter.open(folder) as store, Log(folder) as log, _running(wanted, matches) as running:
        try:
            with Bars(store, log, live=live) as bars:
                table = tournament(
                    scenario,
                    attackers,
                    defenders,
                    seeds=wanted.seeds,
                    observer=bars,
                    store=store,
                    examples=wanted.examples,
                    retry=wanted.retry,
                    running=running,
                )
        except KeyboardInterrupt:
            _interrupted(store)
            raise
        except OSError as error:
            raise StoreError(
                f"{folder}: {error}. Nothing stored before is lost: make room, then give the same command"
            ) from error
        log.write("ended", matches=len(table), forfeits=sum(bool(record.forfeit) for record in table.records))
        openings = _deployed(scenario, defenders, store, bars.openings)
        probes = _probed(scenario, defenders, openings, running)
        certified = certified_points(scenario, openings, table, running) if _bounded(scenario) else {}
    _report(folder, table, scenario, attackers, defenders, probes, certified, wanted.workers)
    if all(record.forfeit for record in table.records):
        raise ArenaError("every match was forfeited; the reasons stand in the table's notes")


def folder_of(named: Path | None, scenario: Any) -> Path:
    """The run folder; one a scenario unless it is named, so that the same game with other players continues there."""
    return named or Path("runs") / f"{scenario.name}-{scenario.content()[:8]}"


@contextmanager
def _running(wanted: Settings, matches: int) -> Iterator[Runner]:
    """Who plays the matches, and later the probes: a cluster, or processes here, no more than there are matches."""
    if wanted.cluster:
        with executor(wanted.cluster) as (elsewhere, workers), Elsewhere(elsewhere, workers) as running:
            yield running
        return
    limits = {"time_limit": wanted.time_limit, "memory_limit": wanted.memory_limit}
    with runner(min(wanted.workers or cores(), matches), **limits) as running:
        yield running


def _deployed(scenario: Any, defenders: Mapping[str, Defender], store: Store, known: Openings) -> Openings:
    """Every opening that a match was played against; one of an earlier day is loaded, or made again."""
    if not _has_twin(scenario):
        return {}
    found: Openings = {}
    keys = {(seat.defender, seat.seed): seat.training for seat in store.seats()}
    for name, seed in dict.fromkeys((r.defender, r.seed) for r in store.table().records if not r.forfeit):
        move = kept(store.network(keys[name, seed]), defenders[name])
        opening = known.get((name, seed)) or (
            Opening(move, 0.0) if move else open_match(scenario, defenders[name], seed)
        )
        if opening:
            found[name, seed] = opening
    return found


def _probed(scenario: Any, defenders: Mapping[str, Defender], openings: Openings, running: Runner) -> Probes | None:
    if not openings:
        return None
    typer.echo("probing the deployed models for hidden gradients …", err=True)
    return probe(scenario, defenders, openings, running)


def _has_twin(scenario: Any) -> bool:
    """Whether its deployed models can be probed in plain sight: one round, on points moved within the ball."""
    return hasattr(scenario, "in_sight") and scenario.rounds == 1


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
    remember(folder, _rules(scenario), certified)
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    typer.echo(text)
    drawn = draw(folder, scenario, table, probes)
    if issubclass(scenario.shows, PoisonView):
        drawn += draw_poisoning(folder, scenario, table, attackers, defenders, workers)
    elif draw_example(folder / "example.png", table, scenario, attackers, defenders):
        drawn.append("example.png")
    typer.echo(f"\nwritten to {folder}: {', '.join(['run.sqlite', 'table.txt', *drawn])}")


def _interrupted(store: StoreWriter) -> None:
    store.flush()
    table = store.table()
    if not len(table):
        typer.echo("interrupted before the first match ended; nothing to keep", err=True)
        return
    typer.echo(str(table.grid()))
    kept_here = f"the {len(table)} finished records are kept in {store.folder}"
    typer.echo(f"\ninterrupted: {kept_here}; the same command continues", err=True)
