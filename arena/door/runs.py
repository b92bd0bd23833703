"""The commands that read runs: runs, table, show, compare, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from arena.door.options import Run, legible
from arena.errors import InvalidValue
from results import Store, StoreError
from results.storage.schema import DATABASE

Plan = Annotated[
    int | None, typer.Option(help="One of its plans, by the number that `show` gives; default the latest.")
]


class Format(StrEnum):
    """What a run can be exported to."""

    csv = "csv"
    parquet = "parquet"
    jsonl = "jsonl"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (table, runs, show, compare, export):
        app.command()(command)


def table(run: Run, plan: Plan = None) -> None:
    """Print the table of a run again, from what is stored."""
    with Store.open(run) as store, _legible():
        from arena.door.reporting import seen_by_attackers

        found = store.table(plan)
        if not len(found):
            raise InvalidValue(f"{run} holds no match yet")
        typer.echo(str(found.grid(information=seen_by_attackers(found))))


def runs(folder: Annotated[Path, typer.Argument(help="Where the runs are.", callback=legible)] = Path("runs")) -> None:
    """List the runs in a folder: how many matches of the latest plan are stored, and when something last was."""
    from datetime import datetime

    found = sorted(folder.glob(f"*/{DATABASE}"), key=lambda path: path.stat().st_mtime, reverse=True)
    if not found:
        typer.echo(f"no runs in {folder}: `python -m arena tournament` makes one")
    for path in found:
        when = datetime.fromtimestamp(path.stat().st_mtime).astimezone().isoformat(" ", "minutes")
        typer.echo(f"{path.parent!s:<40}  {_state(path.parent)}  {when[:16]}")


def _state(run: Path) -> str:
    """How far a run is; a folder that cannot be read says so, and the others are listed all the same."""
    try:
        with Store.open(run) as store:
            plans = store.plans()
    except StoreError as error:
        return f"cannot be read: {error}"
    return f"{plans[0].stored:>6} of {plans[0].matches:>6} matches" if plans else "no plan yet"


def show(run: Run, plan: Plan = None) -> None:
    """Say what a run was asked for, what is missing, and what went wrong."""
    with Store.open(run) as store:
        plans = {p.number: p for p in store.plans()}
        chosen = plans.get(plan) if plan is not None else next(iter(plans.values()), None)
        if chosen is None:
            raise InvalidValue(f"{run} has the plans {sorted(plans)}; got {plan}")
        typer.echo(f"plan {chosen.number} of {len(plans)}: {chosen.stored} of {chosen.matches} matches stored")
        typer.echo(f"scenario   {chosen.about['scenario']}")
        typer.echo(f"seeds      {', '.join(map(str, chosen.about['seeds']))}")
        for group in ("attackers", "defenders"):
            for name, player in chosen.about[group].items():
                typer.echo(f"{group[:-1]:<10} {name:<24} {player['spec']}")
        for record in store.table(chosen.number).records:
            if record.forfeit:
                typer.echo(
                    f"forfeit    {record.attacker} against {record.defender}, seed {record.seed}: {record.forfeit}"
                )
        typer.echo(f"networks   {len(list(run.glob('networks/*.npz')))} in {run / 'networks'}")
        typer.echo(f"examples   {len(list(run.glob('examples/*.npz')))} in {run / 'examples'}")


def compare(
    before: Run,
    after: Annotated[Path, typer.Argument(help="Another.", callback=legible)],
) -> None:
    """Say what changed from one run to another: players, and accuracies with 95 % intervals over the same test points."""
    from results.storage.comparison import comparison

    with Store.open(before) as first, Store.open(after) as second, _legible():
        typer.echo(comparison(first, second))


def export(
    run: Run,
    to: Annotated[Format, typer.Option(help="The format; parquet needs pyarrow.")] = Format.csv,
    output: Annotated[Path | None, typer.Option(help="A file; default standard output.", callback=legible)] = None,
    timings: Annotated[bool, typer.Option("--timings", help="Add the seconds of matches and trainings.")] = False,
    plan: Plan = None,
) -> None:
    """Write a run for other programs: a row a match and round, in the order of the matches' keys."""
    from results.storage.export import export as exported

    with Store.open(run) as store:
        content = exported(store, to.value, timings=timings, plan=plan)
    try:
        _deliver(content, output)
    except BrokenPipeError:  # whoever read has enough
        raise
    except OSError as error:
        raise InvalidValue(f"{output or 'standard output'} cannot be written: {error}") from error


def _deliver(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    draft = output.with_name(f".{output.name}.part")
    draft.write_bytes(content)
    draft.replace(output)


@contextmanager
def _legible() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise InvalidValue(str(error)) from error
