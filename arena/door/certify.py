"""Certificates from the command line: networks in; each one's bracket, the gaps, and accuracy over the radius out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from arena.batch import Batch
from arena.certify import Bracket, ExactVerifier, ReLUNet, ladder
from arena.door.folders import made
from arena.engine.model import Model
from arena.errors import InvalidValue
from arena.threat import Ball
from results import BracketRow, bracket_table, draw_brackets

SCALES = (0.25, 0.5, 0.75, 1.0, 1.5)  # of the ball's radius: what is drawn; the table is of the radius itself


def run(
    networks: Mapping[str, Sequence[Model]],
    field: Batch,
    ball: Ball,
    attacker: Any,
    folder: Path,
    *,
    seconds: float,
    affordable: int,
    workers: int,
) -> None:
    """Bracket every network on the field's rows at rising radii, print the table, draw the picture; Unsound stops it all."""
    networks = _bounded(networks)
    options: dict[str, Any] = {
        "exact": ExactVerifier(seconds=seconds), "affordable": affordable, "workers": workers,
    }  # fmt: skip
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    seeds = {name: len(models) for name, models in networks.items()}
    if len(set(seeds.values())) > 1:
        raise InvalidValue(f"every defender needs as many networks; found {seeds}: choose another number of seeds")
    ladders: dict[str, list[tuple[float, BracketRow]]] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        for name, models in networks.items():
            rungs = [scale * ball.radius for scale in SCALES]
            task = bar.add_task(name, total=len(models) * len(rungs))
            if not console.is_terminal:
                console.print(f"bracketing {name} …", highlight=False)
            found: list[list[Bracket]] = []
            for model in models:
                found.append([])
                for _, one in ladder(model, field.x, field.y, attacker, ball, rungs, **options):
                    found[-1].append(one)
                    bar.advance(task)
            ladders[name] = [
                (radius, _row(seeds)) for radius, seeds in zip(rungs, zip(*found, strict=True), strict=True)
            ]
    _report(ladders, ball, folder)


def _report(ladders: Mapping[str, list[tuple[float, BracketRow]]], ball: Ball, folder: Path) -> None:
    text = bracket_table(
        {name: dict(rungs)[ball.radius] for name, rungs in ladders.items()}, f"{ball.norm} {ball.radius:g}"
    )
    try:
        (made(folder) / "brackets.txt").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidValue(f"{folder} cannot be written ({error}): choose another with --out DIR") from error
    typer.echo(text)
    draw_brackets(ladders, folder / "brackets.png", f"accuracy over the radius of the {ball.norm} ball")
    typer.echo(f"\nwritten to {folder}: brackets.txt, brackets.png")


def _bounded(networks: Mapping[str, Sequence[Model]]) -> dict[str, list[Model]]:
    """The networks that a proof can read; InvalidValue where there is none."""
    kept: dict[str, list[Model]] = {}
    for name, models in networks.items():
        try:
            for model in models:
                ReLUNet.of(model)
            kept[name] = list(models)
        except InvalidValue as error:
            typer.echo(f"{name} is left out: {error}", err=True)
    if not kept:
        raise InvalidValue("none of the networks can be bounded: name a defender that deploys a dense ReLU network")
    return kept


def _row(seeds: Sequence[Bracket]) -> BracketRow:
    return BracketRow(
        {method: np.stack([one.certified[method] for one in seeds]) for method in seeds[0].certified},
        np.stack([one.verified for one in seeds]) if all(one.exact for one in seeds) else None,
        *(np.stack([getattr(one, name) for one in seeds]) for name in ("undecided", "attacked", "clean")),
    )
