"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Scenario = Annotated[
    str, typer.Argument(help="A scenario, with parameters if you like: white-box, 'white-box(rounds=3)'.")
]
Data = Annotated[str, typer.Option(help="digits, signs, mnist, or the path of an .npz with x and y.")]
Radius = Annotated[float | None, typer.Option(help="How far the attacker may move a point, in pixels of [0, 1].")]
Norm = Annotated[str | None, typer.Option(help="The norm of that distance: linf, l2 or l1.")]
Run = Annotated[Path, typer.Argument(help="A run folder.")]
