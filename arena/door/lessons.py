"""The commands that show, learn and teach: example, train, claims."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from arena import roster
from arena.door.options import Data, Norm, OtherData, Radius, Scenario, legible
from arena.door.settings import ruled
from arena.errors import ArenaError, InvalidValue


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (example, train, claims):
        app.command()(command)


def example(
    path: Annotated[Path, typer.Argument(help="The PNG to write.", callback=legible)],
    scenario: Scenario = "white-box",
    attacker: Annotated[str, typer.Option(help="One attacker, as in 'pgd(target=1)'.")] = "pgd(stop_fooled=False)",
    defender: Annotated[str, typer.Option(help="One defender.")] = "plain",
    data: OtherData = None,
    label: Annotated[str | None, typer.Option(help="What the picture shows before the attack, as in 'stop'.")] = None,
    seed: Annotated[int, typer.Option(help="The match's seed.", min=0)] = 0,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Play one match and draw the point that the network was surest of: right before the attack, wrong after."""
    from arena.door.example import draw_surest
    from arena.match import play as played

    rules = ruled(scenario, data, radius, norm)
    players = roster.build("attackers", attacker), roster.build("defenders", defender)
    scored = played(rules, *players, seed=seed).rounds[-1]
    title = f"{defender.partition('(')[0]} under {attacker.partition('(')[0]}"
    if not draw_surest(path, scored, rules, title, label):
        raise ArenaError("there is no such picture: the attack fooled the network on none, or the rows are no pictures")
    typer.echo(f"written to {path}")


def train(
    seat: Annotated[
        str, typer.Argument(help="The seat to train for: query-attacker or evasion-attacker.")
    ] = "query-attacker",
    algorithm: Annotated[
        str, typer.Option(help="reinforce (NumPy alone) or ppo (Stable-Baselines3, extra rl).")
    ] = "reinforce",
    data: Data = "digits",
    opponent: Annotated[
        str, typer.Option(help="Whom to train against: a defender's spec, or the path of a run for its equilibrium.")
    ] = "plain",
    scenario: Annotated[
        str | None,
        typer.Option(help="The game: query with its access and budget; default 101 queries, evasion-attacker 21."),
    ] = None,
    questions: Annotated[
        int | None,
        typer.Option(help="The training's queries in all; default 1.5 million (evasion-attacker 4; ppo 0.4).", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="The training's seed.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default runs/<seat>-<algorithm>-<seed>.", callback=legible)
    ] = None,
) -> None:
    """Train an agent in one seat, then judge it on points and networks that it has never met.

    It trains on the scenario's training rows alone. The folder gets the policy, its learning curve and a table of a
    tournament beside random search in the same moves; the last line says how to seat it anywhere.
    """
    from arena.door.training import run

    run(seat, algorithm, data, opponent, scenario, questions, seed, out)


def claims(
    name: Annotated[str | None, typer.Argument(help="One claim, by name or number; leave it out for the list.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Measure every claim, and write the gallery.")] = False,
    seeds: Annotated[int, typer.Option(help="How many trainings of each defender.", min=2)] = 3,
    data: Annotated[
        str | None,
        typer.Option(help="Other data than the claim's own: digits, signs, mnist, an .npz; claim 14 reads none."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where tables and figures go; default runs/claims, of --all on the claims' own data the committed ones.",
            callback=legible,
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes for --all; default one a core.", min=1)] = None,
) -> None:
    """List the lecture's claims with their last verdict; measure one, or all.

    A verdict follows from the intervals alone. A claim that fails is shown failing, with what it would take.
    """
    from arena.door import claims as lecture

    if name and all_:
        raise InvalidValue("give the name of one claim, or --all, not both")
    if all_:
        lecture.measure_all(seeds, data, out, workers)
    elif name:
        lecture.measure(name, seeds, data, out)
    else:
        typer.echo(lecture.catalogue())
