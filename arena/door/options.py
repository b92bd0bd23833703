"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from arena.checks import printable


def legible(param: typer.CallbackParam, path: Any) -> Any:
    """A path as it was given; InvalidValue where it could not be printed."""
    if path is not None:
        printable(f"the path {param.name}", str(path))
    return path


Scenario = Annotated[
    str, typer.Argument(help="A scenario, with parameters if you like: white-box, 'white-box(rounds=3)'.")
]
Data = Annotated[str, typer.Option(help="digits, signs, mnist, or the path of an .npz with x and y.")]
Radius = Annotated[float | None, typer.Option(help="How far the attacker may move a point, in pixels of [0, 1].")]
Norm = Annotated[str | None, typer.Option(help="The norm of that distance: linf, l2 or l1.")]
Run = Annotated[Path, typer.Argument(help="A run folder.", callback=legible)]

Rules = Annotated[
    str | None,
    typer.Argument(help="A scenario, as in 'white-box(rounds=3)' (default white-box), or a .toml of settings."),
]
OtherData = Annotated[
    str | None, typer.Option(help="digits (default), signs, mnist, or the path of an .npz with x and y.")
]
Attackers = Annotated[
    str | None, typer.Option(help="Comma-separated specs, as in 'noise,strong=pgd(steps=100)'; default all.")
]
Defenders = Annotated[
    str | None, typer.Option(help="Comma-separated specs, as in 'plain,dropout(rate=0.5)'; default all.")
]
Seeds = Annotated[int | None, typer.Option(help="How many trainings of each defender; default 3.", min=1)]
Out = Annotated[
    Path | None,
    typer.Option(help="The run folder; default runs/<scenario>-<digest of its rules and data>.", callback=legible),
]
Workers = Annotated[int | None, typer.Option(help="Processes; default one a core. The table is the same.", min=1)]
Cluster = Annotated[str | None, typer.Option(help="A dask scheduler, tcp://host:8786, or local:4 for a new one here.")]
TimeLimit = Annotated[float | None, typer.Option(help="Seconds that a match or a training may take.")]
MemoryLimit = Annotated[float | None, typer.Option(help="MB that a match or a training may take; on Linux.")]
Examples = Annotated[bool | None, typer.Option("--examples/--no-examples", help="Keep the attacked rows; default yes.")]
Retry = Annotated[bool | None, typer.Option("--retry", help="Play again what ran out of time or memory, or died.")]
