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
from arena.door.sections import draw, draw_probes, sections
from arena.door.settings import Settings
from arena.engine.arrays import Mask
from arena.engine.threads import cores
from arena.errors import ArenaError
from arena.information import information
from arena.jobs.pools import Elsewhere
from arena.jobs.runner import Runner, runner
from arena.keeping.book import Row
from arena.keeping.shelf import keep, kept
from arena.match import Opening, open_match
from arena.players import AnyAttacker, Defender
from arena.poisoning.view import PoisonView
from arena.probing import Probes, Probing
from arena.views import GradientView
from results import ResultsTable, Store, StoreError, StoreWriter

Openings = dict[Row, Opening]


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
    matches = len(attackers) * len(defenders) * len(wanted.seeds)
    with _running(wanted, matches) as running, StoreWriter.open(folder) as store, _spoken(store), Log(folder) as log:
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
        log.write("ended", matches=len(table), forfeits=sum(bool(record.forfeit) for record in table.records))
        openings = _deployed(scenario, defenders, store, bars.openings)
        written = _report(folder, scenario, table, attackers, defenders, openings, running)
    typer.echo(f"\nwritten to {folder}: {', '.join(['run.sqlite', *written])}")
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
        opening = known.get((name, seed)) or _again(scenario, defenders[name], seed, store.network(keys[name, seed]))
        if opening:
            found[name, seed] = opening
    return found


def _again(scenario: Any, defender: Defender, seed: int, network: Path) -> Opening | None:
    move = kept(network, defender)
    if move:
        return Opening(move, 0.0)
    opening = open_match(scenario, defender, seed)
    if opening:
        keep(opening.move, network, defender)
    return opening


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
    scenario: Any,
    table: ResultsTable,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    openings: Openings,
    running: Runner,
) -> list[str]:
    """Print and keep the table with all that stands below it, draw the pictures; the names of what was written."""
    if openings:
        typer.echo("probing the deployed models for hidden gradients …", err=True)
    probing = Probing(scenario, defenders, openings, running) if openings else None
    pictures = draw(folder, scenario, table)  # while the probes are on their way
    poisoned = issubclass(scenario.shows, PoisonView)
    if not poisoned and draw_example(folder / "example.png", table, scenario, attackers, defenders, openings):
        pictures.append("example.png")
    probes = probing.result() if probing else None
    certified = certified_points(scenario, openings, table, running) if _bounded(scenario) else {}
    _print(folder, scenario, table, probes, certified)
    if probes:
        pictures += draw_probes(folder, scenario, table, probes)
    if poisoned:
        pictures += draw_poisoning(folder, scenario, table, attackers, defenders, running)
    return ["table.txt", *pictures]


def _print(
    folder: Path, scenario: Any, table: ResultsTable, probes: Probes | None, certified: Mapping[Row, Mask]
) -> None:
    grid = table.grid(timings=True, information=information(scenario.shows))
    grid = grid.with_certified(certified) if certified else grid
    text = "\n\n".join([str(grid), *sections(scenario, table, probes)])
    remember(folder, _rules(scenario), certified)
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    typer.echo(text)


@contextmanager
def _spoken(store: StoreWriter) -> Iterator[None]:
    """Inside, what breaks off from outside is told with what is kept, and how to go on."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(_kept(store)) from interrupt
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StoreError(
            f"{store.folder}: {error}. Nothing stored before is lost: make room, then give the same command"
        ) from error


def _kept(store: StoreWriter) -> str:
    """What an interrupted run has, its table printed."""
    store.flush()
    table = store.table() if store.plans() else ResultsTable(())
    if not len(table):
        return "interrupted before the first match ended; the same command begins again"
    typer.echo(str(table.grid()))
    return f"\ninterrupted: the {len(table)} finished records are kept in {store.folder}; the same command continues"
