"""The commands that play equilibria: a game grown by best responses, and a table's equilibrium under fresh attack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from arena import specs
from arena.door.options import Norm, OtherData, Out, Radius, Scenario, Workers, legible
from arena.door.seats import noted, seated
from arena.door.settings import ruled
from arena.errors import InvalidValue


def register(app: typer.Typer) -> None:
    """Add the commands to the door."""
    app.command()(psro)
    app.command()(exploit)


def psro(
    scenario: Scenario = "white-box",
    data: OtherData = None,
    first: Annotated[str, typer.Option(help="The defences to begin with, as comma-separated specs.")] = (
        "plain,adversarial-training"
    ),
    attacker: Annotated[str, typer.Option(help="The attacker's oracle: its attack on a mixture of networks.")] = (
        "best-response(attacker='pgd(steps=50)')"
    ),
    defender: Annotated[
        str, typer.Option(help="The defender's oracle: trained against the mixture of attacks and those on itself.")
    ] = ("adversarial-training(epochs=60, hidden=(256, 128))"),
    fresh: Annotated[
        str | None, typer.Option(help="Attackers that judge the mixture found, on points that were not used.")
    ] = None,
    iterations: Annotated[int, typer.Option(help="How many turns at the most.", min=1)] = 6,
    seeds: Annotated[int, typer.Option(help="How many games are grown.", min=1)] = 1,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default runs/psro-<digest>.", callback=legible)
    ] = None,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Grow the game by best responses (PSRO), until neither side finds one that counts, and judge the mixture found.

    The attacker knows how the defender mixes its networks and not which one answers. Every turn is kept in the run folder:
    the same command goes on where it stopped, bit for bit; more --iterations go further.
    """
    from arena.door.psro import FRESH, run

    rules = noted(ruled(scenario, data, radius, norm))
    listed = specs.split(fresh) if fresh else FRESH
    run(
        rules,
        _players("defenders", first, rules),
        (attacker, defender),
        seated("attackers", specs.seating(listed), rules),
        iterations,
        range(seeds),
        out,
    )


def exploit(
    scenario: Scenario = "white-box",
    data: OtherData = None,
    attackers: Annotated[str | None, typer.Option(help="Who is in the table, as for tournament.")] = None,
    defenders: Annotated[str | None, typer.Option(help="Who is in the table, as for tournament.")] = None,
    fresh: Annotated[
        str | None, typer.Option(help="Who attacks the equilibrium: specs that are not in the table.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many trainings of each defender.", min=1)] = 3,
    workers: Workers = None,
    out: Out = None,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Play a tournament, deploy its equilibrium, and let attackers at it that were not in the table.

    The tournament is the run folder's: what is stored there is not played again, and the report of the run tells the outcome.
    """
    from arena.door.exploit import FRESH, run
    from arena.door.tournament import folder_of

    rules = noted(ruled(scenario, data, radius, norm))
    listed = specs.split(fresh) if fresh else FRESH.get(rules.name, ())
    if not listed:
        raise InvalidValue(f"--fresh names attackers that are not in the table; there is no default for {rules.name}")
    run(
        rules,
        _players("attackers", attackers, rules),
        _players("defenders", defenders, rules),
        seated("attackers", specs.seating(listed), rules),
        range(seeds),
        workers,
        folder_of(out, rules),
    )


def _players(group: str, text: str | None, rules: Any) -> dict[str, Any]:
    """The players of a comma-separated list, else whom a tournament seats."""
    return seated(group, None if text is None else specs.seating(specs.split(text)), rules)
