"""The commands of `python -m arena`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import roster
from arena.errors import ArenaError, InvalidValue

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Attacks on neural networks and defences against them, as players of one game with a referee.\n\n"
    "Start with `python -m arena tournament`: all against all on real digits, a table at the end.",
)


class Form(StrEnum):
    """How a report is written down."""

    html = "html"
    markdown = "markdown"
    latex = "latex"


Scenario = Annotated[
    str, typer.Argument(help="A scenario, with parameters if you like: white-box, 'white-box(rounds=3)'.")
]
Data = Annotated[str, typer.Option(help="digits, signs, mnist, or the path of an .npz with x and y.")]
Radius = Annotated[float | None, typer.Option(help="How far the attacker may move a point, in pixels of [0, 1].")]
Norm = Annotated[str | None, typer.Option(help="The norm of that distance: linf, l2 or l1.")]


@app.command("list")
def listing() -> None:
    """Show every attacker, defender, scenario and data set, with their parameters."""
    from arena.door.listing import catalogue

    typer.echo(catalogue())


@app.command()
def tournament(
    scenario: Scenario = "white-box",
    data: Data = "digits",
    attackers: Annotated[
        str | None, typer.Option(help="Comma-separated specs, as in 'noise,strong=pgd(steps=100)'; default all.")
    ] = None,
    defenders: Annotated[
        str | None, typer.Option(help="Comma-separated specs, as in 'plain,dropout(rate=0.5)'; default all.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many trainings of each defender.", min=1)] = 3,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default runs/<scenario>-<digest of the plan>.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; default one a core. The table is the same.", min=1)
    ] = None,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Play every attacker against every defender at every seed, and print the results table.

    The run folder gets the records (CSV), the table, a heat map and a picture of one attacked example.
    """
    from arena.door.tournament import run

    rules = _scenario(scenario, data, radius, norm)
    run(
        rules,
        _players("attackers", attackers, rules),
        _players("defenders", defenders, rules),
        range(seeds),
        out,
        workers,
    )


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

    rules = _scenario(scenario, data, radius, norm)
    narrate(rules, roster.build("attackers", attacker), roster.build("defenders", defender), seed)


@app.command()
def table(run: Annotated[Path, typer.Argument(help="A run folder, or its records.csv.")]) -> None:
    """Print the table of a run again, from its records."""
    from arena.door.reporting import seen_by_attackers, stored

    kept = stored(run)
    typer.echo(str(kept.grid(information=seen_by_attackers(kept))))


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    to: Annotated[Form, typer.Option(help="html: one file for any browser; markdown; latex (booktabs).")] = Form.html,
    output: Annotated[Path | None, typer.Option(help="Where to; default report.html, .md or .tex in RUN.")] = None,
) -> None:
    """Tell a run in one file: tables, equilibrium, rankings, curves, flags, pictures, every number with its interval."""
    from arena.door.reporting import write

    typer.echo(f"written to {write(run, to.value, output)}")


@app.command()
def train(
    seat: Annotated[str, typer.Argument(help="The seat to train for: query-attacker.")] = "query-attacker",
    algorithm: Annotated[
        str, typer.Option(help="reinforce (NumPy alone) or ppo (Stable-Baselines3, extra rl).")
    ] = "reinforce",
    data: Data = "digits",
    opponent: Annotated[
        str, typer.Option(help="Whom to train against: a defender's spec, or the path of a run for its equilibrium.")
    ] = "plain",
    scenario: Annotated[str, typer.Option(help="The game: query with its access and budget.")] = "query(budget=101)",
    questions: Annotated[
        int | None,
        typer.Option(help="The training's queries in all; default 1,500,000 (reinforce), 400,000 (ppo).", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="The training's seed.", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="The run folder; default runs/<seat>-<algorithm>-<seed>.")] = None,
) -> None:
    """Train an agent in one seat, then judge it on points and networks that it has never met.

    It trains on the scenario's training rows alone. The folder gets the policy, its learning curve and a table of a
    tournament beside random search in the same moves; seat it anywhere as 'policy(policy="FOLDER/policy.npz")'.
    """
    from arena.door.training import run

    run(seat, algorithm, data, opponent, scenario, questions, seed, out)


@app.command()
def certify(
    source: Annotated[
        str, typer.Argument(help="A white-box scenario, whose defenders are trained, or a network saved as .npz.")
    ] = "white-box",
    defenders: Annotated[
        str, typer.Option(help="Whom to train, as a tournament of the same rules does.")
    ] = "plain=plain(hidden=[32,32]),adversarial-training=adversarial-training(hidden=[32,32])",
    data: Data = "digits",
    attacker: Annotated[str, typer.Option(help="Who attacks from above.")] = "strongest",
    radius: Radius = None,
    norm: Norm = None,
    points: Annotated[int, typer.Option(help="How many test points.", min=1)] = 100,
    seeds: Annotated[int, typer.Option(help="How many trainings of each defender.", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="How long the exact verifier may think about a point.")] = 20.0,
    affordable: Annotated[
        int, typer.Option(help="How many open points at most the exact verifier is asked about.")
    ] = 40,
    out: Annotated[Path | None, typer.Option(help="The folder for table and picture; default runs/certify.")] = None,
    workers: Annotated[int, typer.Option(help="Processes of the exact verifier.", min=1)] = 1,
) -> None:
    """Bracket networks: certified <= exact <= attacked <= clean, with the gaps, as a table and over the radius.

    Certificates are proofs, the exact verifier decides what they and the attack leave open, as far as it is affordable. A
    point that is proven and yet falls stops the command: that is a bug.
    """
    from arena.door.certify import run
    from arena.door.networks import networks_of

    saved = source.endswith(".npz")
    rules = _scenario("white-box" if saved else source, data, radius, norm)
    networks = networks_of(source, None if saved else _players("defenders", defenders, rules), rules, range(seeds))
    run(
        networks,
        rules.deal.fields[0][:points],
        rules.ball,
        roster.build("attackers", attacker),
        out or Path("runs/certify"),
        seconds=seconds,
        affordable=affordable,
        workers=workers,
    )


@app.command()
def soak(
    points: Annotated[int, typer.Option(help="How many certified points to attack.", min=1)] = 1_000_000,
    seed: Annotated[int, typer.Option(help="The seed of all rounds.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="A file that keeps the count; the next call goes on from it.")
    ] = None,
) -> None:
    """Attack points inside their certified balls, on random networks, until so many have stood; one success is a bug."""
    from arena.door.soak import run

    run(points, seed, out)


@app.command()
def example(
    path: Annotated[Path, typer.Argument(help="The PNG to write.")],
    scenario: Scenario = "white-box",
    attacker: Annotated[str, typer.Option(help="One attacker, as in 'pgd(target=1)'.")] = "pgd(stop_fooled=False)",
    defender: Annotated[str, typer.Option(help="One defender.")] = "plain",
    data: Data = "digits",
    label: Annotated[str | None, typer.Option(help="What the picture shows before the attack, as in 'stop'.")] = None,
    seed: Annotated[int, typer.Option(help="The match's seed.", min=0)] = 0,
    radius: Radius = None,
    norm: Norm = None,
) -> None:
    """Play one match and draw the point that the network was surest of: right before the attack, wrong after."""
    from arena.door.example import draw_surest
    from arena.match import play as played

    rules = _scenario(scenario, data, radius, norm)
    players = roster.build("attackers", attacker), roster.build("defenders", defender)
    scored = played(rules, *players, seed=seed).rounds[-1]
    title = f"{defender.partition('(')[0]} under {attacker.partition('(')[0]}"
    if not draw_surest(path, scored, rules, title, label):
        raise ArenaError("there is no such picture: the attack fooled the network on none, or the rows are no pictures")
    typer.echo(f"written to {path}")


@app.command()
def claims(
    name: Annotated[str | None, typer.Argument(help="One claim, by name or number; leave it out for the list.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Measure every claim, and write the gallery.")] = False,
    seeds: Annotated[int, typer.Option(help="How many trainings of each defender.", min=2)] = 3,
    data: Annotated[
        str | None, typer.Option(help="Other data than the claim's own: digits, signs, mnist, an .npz.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where tables and figures go; default runs/claims, with --all the committed ones."),
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


def main() -> None:
    """Run a command; what the arena raises on purpose is one message and exit code 2, Ctrl-C is 130."""
    try:
        app()
    except ArenaError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)


def _scenario(text: str, data: str, radius: float | None, norm: str | None) -> Any:
    from dataclasses import replace

    from arena.threat import Ball

    rules = roster.build("scenarios", text, data=data)
    changes = {key: value for key, value in (("radius", radius), ("norm", norm)) if value is not None}
    rules = replace(rules, ball=Ball(**{"radius": rules.ball.radius, "norm": rules.ball.norm, **changes}))
    note = rules.dataset.note
    if note:
        typer.echo(note, err=True)
    return rules


def _players(group: str, text: str | None, rules: Any) -> dict[str, Any]:
    from arena import specs

    lineup = specs.split(text) if text is not None else rules.lineup.get(group)
    if lineup is not None:
        if not lineup:
            raise InvalidValue(f"--{group} names nobody; leave it out to play all: {', '.join(roster.names(group))}")
        return {name: roster.build(group, spec) for name, spec in map(specs.named, lineup)}
    bench = rules.lineup.get("bench", ())
    everyone = {name: roster.build(group, name) for name in roster.ready(group) if name not in bench}
    return {name: p for name, p in everyone.items() if group == "defenders" or _at_home(name, p, rules.shows)}


def _at_home(name: str, attacker: Any, shown: type) -> bool:
    """Whether an attacker needs just what is shown; the control always, and label-only ones where scores are."""
    from arena.players import needs
    from arena.views import LabelView, ScoreView

    needed = needs(attacker)
    return name in roster.CONTROLS or needed is shown or (needed is LabelView and shown is ScoreView)
