"""A tournament from the command line: a run folder, progress, the table, the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from arena.contest import tournament
from arena.door.aftermath import deployed, report, told
from arena.door.cluster import executor
from arena.door.log import Log
from arena.door.progress import Bars
from arena.door.settings import Settings
from arena.engine.threads import cores
from arena.errors import ArenaError
from arena.jobs.elsewhere import Elsewhere
from arena.jobs.runner import Runner, runner
from arena.players import AnyAttacker, Defender
from results import ResultsTable, StoreError, StoreWriter


def run(
    wanted: Settings,
    scenario: Any,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    *,
    live: bool = False,
) -> None:
    """Play what the run folder lacks, print the table, draw the pictures; Ctrl-C keeps what is finished."""
    typer.echo(told(scenario), err=True)
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
        openings = deployed(scenario, defenders, store, bars.openings)
        written = report(folder, scenario, table, attackers, defenders, openings, running)
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
        return "interrupted before the first match ended; the same command begins with what was trained"
    typer.echo(str(table.grid()))
    return f"\ninterrupted: the {len(table)} finished records are kept in {store.folder}; the same command continues"
