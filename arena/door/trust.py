"""The commands that prove and that try proofs: certify, soak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from arena import roster, specs
from arena.door.options import Norm, OtherData, Radius, legible
from arena.door.seats import seated
from arena.door.settings import in_ball, ruled
from arena.engine.model import Model
from arena.engine.threads import cores


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (certify, soak):
        app.command()(command)


def certify(
    source: Annotated[
        str,
        typer.Argument(
            help="A run folder, a network saved as .npz, or a white-box scenario whose defenders are trained."
        ),
    ] = "white-box",
    defenders: Annotated[
        str, typer.Option(help="Whom to train, for a scenario, as a tournament of the same rules does.")
    ] = "plain=plain(hidden=[32,32]),adversarial-training=adversarial-training(hidden=[32,32])",
    data: OtherData = None,
    attacker: Annotated[str, typer.Option(help="Who attacks from above.")] = "strongest",
    radius: Radius = None,
    norm: Norm = None,
    points: Annotated[int, typer.Option(help="How many test points.", min=1)] = 100,
    seeds: Annotated[int, typer.Option(help="How many seeds of each defender.", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="How long the exact verifier may think about a point.")] = 2.0,
    affordable: Annotated[
        int, typer.Option(help="How many open points at most the exact verifier is asked about.")
    ] = 10,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for table and picture; default the run, or runs/certify.", callback=legible),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes of the exact verifier; default one a core.", min=1)
    ] = None,
) -> None:
    """Bracket networks: certified <= exact <= attacked <= clean, with the gaps, as a table and over the radius.

    Certificates are proofs, the exact verifier decides what they and the attack leave open, as far as it is affordable. A
    point that is proven and yet falls stops the command: that is a bug.
    """
    from arena.door.certify import run
    from arena.door.networks import saved, stored, trained

    folder = Path(source) if Path(source).is_dir() else None
    networks: Mapping[str, Sequence[Model]]
    if folder:
        networks, rules = stored(folder, seeds)
        rules = in_ball(rules, source, radius, norm)
    elif source.endswith(".npz"):
        rules = ruled("white-box", data, radius, norm)
        networks = {Path(source).stem: [saved(source, rules)]}
    else:
        rules = ruled(source, data, radius, norm)
        players = seated("defenders", specs.seating(specs.split(defenders)), rules)
        networks = trained(players, rules, range(seeds))
    run(
        networks,
        rules.deal.fields[0][:points],
        rules.ball,
        roster.build("attackers", attacker),
        out or folder or Path("runs/certify"),
        seconds=seconds,
        affordable=affordable,
        workers=workers or cores(),
    )


def soak(
    points: Annotated[int, typer.Option(help="How many certified points to attack.", min=1)] = 1_000_000,
    seed: Annotated[int, typer.Option(help="The seed of all rounds.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="A file that keeps the count; the next call goes on from it.", callback=legible)
    ] = None,
) -> None:
    """Attack points inside their certified balls, on random networks, until so many have stood; one success is a bug."""
    from arena.door.soak import run

    run(points, seed, out)
