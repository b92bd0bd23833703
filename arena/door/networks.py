"""Where the networks come from that are to be certified: a file, or trainings that a tournament would repeat bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from arena.engine import load
from arena.engine.model import Model
from arena.errors import InvalidValue
from arena.match import open_match
from arena.players import Defender


def networks_of(
    source: str, defenders: Mapping[str, Defender] | None, scenario: Any, seeds: Sequence[int]
) -> dict[str, list[Model]]:
    """Each defender's networks, one a seed; without defenders, the network saved in the file that `source` names."""
    if defenders is None:
        return {Path(source).stem: [_saved(source, scenario)]}
    found: dict[str, list[Model]] = {}
    for name, defender in defenders.items():
        typer.echo(f"training {name} …", err=True)
        openings = [open_match(scenario, defender, seed) for seed in seeds]
        found[name] = [opening.move.model for opening in openings if opening is not None]
    if not all(found.values()):
        raise InvalidValue(f"{scenario.name} deploys nothing before the attack: choose white-box")
    return found


def _saved(source: str, scenario: Any) -> Model:
    try:
        model = load(source)
    except (OSError, ValueError) as error:
        raise InvalidValue(
            f"{source} cannot be read as a network ({error}): save one with arena.engine.save"
        ) from error
    wanted = scenario.dataset.rows.x.shape[1]
    if model.features != wanted:
        raise InvalidValue(f"{source} reads {model.features} features; {scenario.dataset.name} has {wanted}: --data")
    return model
