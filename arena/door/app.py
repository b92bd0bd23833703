"""The commands of `python -m arena`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from arena import roster
from arena.door import equilibria, lessons, reporting, runs, trust
from arena.door.options import Data, Norm, Radius, Scenario
from arena.door.seats import noted, seated
from arena.errors import ArenaError
from results import StoreError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Attacks on neural networks and defences against them, as players of one game with a referee.\n\n"
    "Start with `python -m arena tournament`: all against all on real digits, a table at the end.",
)

for commands in (runs, reporting, trust, lessons, equilibria):
    commands.register(app)


@app.command("list")
def listing() -> None:
    """Show every attacker, defender, scenario and data set, with their parameters."""
    from arena.door.listing import catalogue

    typer.echo(catalogue())


@app.command()
def tournament(
    scenario: Annotated[
        str | None,
        typer.Argument(help="A scenario, as in 'white-box(rounds=3)' (default white-box), or a .toml of settings."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="digits (default), mnist, or the path of an .npz with x and y.")
    ] = None,
    attackers: Annotated[
        str | None, typer.Option(help="Comma-separated specs, as in 'noise,strong=pgd(steps=100)'; default all.")
    ] = None,
    defenders: Annotated[
        str | None, typer.Option(help="Comma-separated specs, as in 'plain,dropout(rate=0.5)'; default all.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="How many trainings of each defender; default 3.", min=1)] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default runs/<scenario>-<digest of its rules and data>.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; default one a core. The table is the same.", min=1)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="A dask scheduler, tcp://host:8786, or local:4 for a new one here.")
    ] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds that a match or a training may take.")] = None,
    memory_limit: Annotated[float | None, typer.Option(help="MB that a match or a training may take.")] = None,
    radius: Radius = None,
    norm: Norm = None,
    examples: Annotated[
        bool | None, typer.Option("--examples/--no-examples", help="Keep the attacked rows; default yes.")
    ] = None,
    retry: Annotated[
        bool | None, typer.Option("--retry", help="Play again what ran out of time or memory, or died.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Show the table as it fills.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan with an estimate of its time.")] = False,
) -> None:
    """Play every attacker against every defender at every seed, and print the results table.

    The run folder gets every outcome (run.sqlite), the networks, the attacked rows, the table, a heat map, a picture of one
    attacked example and a log. The same command again continues what was broken off; with more players or seeds it plays
    what is new. Flags go before what a .toml says; its keys are the names of these options.
    """
    from arena.door.settings import settings

    flags = {
        "data": data, "attackers": attackers, "defenders": defenders, "seeds": seeds, "out": out, "workers": workers,
        "cluster": cluster, "time_limit": time_limit, "memory_limit": memory_limit, "radius": radius, "norm": norm,
        "examples": examples, "retry": retry,
    }  # fmt: skip
    file = Path(scenario) if scenario and scenario.endswith(".toml") else None
    wanted = settings(file, flags if file else {"scenario": scenario, **flags})
    rules = noted(wanted.rules())
    players = seated("attackers", wanted.attackers, rules), seated("defenders", wanted.defenders, rules)
    if dry_run:
        from arena.door.rehearsal import rehearse

        typer.echo(rehearse(wanted, rules, *players))
        return
    from arena.door.tournament import run

    run(wanted, rules, *players, live=live)


@app.command()
def play(
    scenario: Scenario = "white-box",
    attacker: Annotated[str, typer.Option(help="One attacker, as in 'pgd(steps=40)'.")] = "pgd",
    defender: Annotated[
        str, typer.Option(help='One defender, as in \'ensemble(members=["plain", "dropout"])\'.')
    ] = "plain",
    data: Data = "digits",
    seed: Annotated[int, typer.Option(help="The match's seed.", min=0)] = 0,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Play one match and narrate its turns."""
    from arena.door.narration import narrate
    from arena.door.settings import ruled

    rules = noted(ruled(scenario, data, radius, norm))
    narrate(rules, roster.build("attackers", attacker), roster.build("defenders", defender), seed)


def main() -> None:
    """Run a command; what the arena raises on purpose is one message and exit code 2, Ctrl-C is 130."""
    try:
        app()
    except (ArenaError, StoreError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
