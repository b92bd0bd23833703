"""The commands of `python -m arena`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from arena import roster
from arena.door import equilibria, lessons, reporting, runs, trust
from arena.door.options import (
    Attackers,
    Cluster,
    Defenders,
    Examples,
    MemoryLimit,
    Norm,
    OtherData,
    Out,
    Radius,
    Retry,
    Rules,
    Scenario,
    Seeds,
    TimeLimit,
    Workers,
)  # fmt: skip
from arena.door.seats import noted, seated
from arena.errors import ArenaError
from results import StoreError


class Interrupted(Exception):
    """Ctrl-C, and what to say of it."""


class Door(TyperGroup):
    """The commands; whichever Ctrl-C ends, it is said."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            words = str(interrupt) or "interrupted; the same command continues what its run holds, or begins again"
            raise Interrupted(words) from interrupt


app = typer.Typer(
    cls=Door,
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
    scenario: Rules = None,
    data: OtherData = None,
    attackers: Attackers = None,
    defenders: Defenders = None,
    seeds: Seeds = None,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    radius: Radius = None,
    norm: Norm = None,
    examples: Examples = None,
    retry: Retry = None,
    live: Annotated[bool, typer.Option("--live", help="Show the table as it fills.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print the plan with an estimate of its time, from a probe that gives up on what takes over a minute.",
        ),
    ] = False,
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
    data: OtherData = None,
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
    except Interrupted as said:
        typer.echo(str(said), err=True)
        sys.exit(130)
    except (ArenaError, StoreError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(141)
