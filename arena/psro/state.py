"""A grown game on disk: networks and arrays as .npz, turns as JSON; the turns are written last, and say what counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from arena.engine import load, save
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.psro.networks import Networks
from results import Interval
from results.game.turns import Turn


def keep(folder: Path, networks: Networks, losses: Array, turns: Sequence[Turn]) -> None:
    """Write the state after a turn; networks that are there already are left as they are."""
    (folder / "networks").mkdir(parents=True, exist_ok=True)
    for number, model in enumerate(networks.models):
        if not network_path(folder, number).exists() or number >= len(networks.models) - 1:
            save(model, network_path(folder, number))
    with (folder / "game.part").open("wb") as file:
        np.savez_compressed(file, losses=losses, answers=np.stack(networks.answers), targets=_padded(networks.targets))
    (folder / "game.part").replace(folder / "game.npz")
    (folder / "turns.part").write_text(json.dumps([asdict(turn) for turn in turns], indent=1), encoding="utf-8")
    (folder / "turns.part").replace(folder / "turns.json")


def restore(folder: Path, networks: Networks, first: int) -> tuple[Array, list[Turn]] | None:
    """Fill the populations from a folder: the losses and the turns, None where nothing was kept.

    `first` strategies stood on either side at the start. Raises InvalidValue where a file is damaged.
    """
    if not (folder / "turns.json").exists():
        return None
    try:
        turns = [_turn(entry) for entry in json.loads((folder / "turns.json").read_text(encoding="utf-8"))]
        known = first + len(turns)
        with np.load(folder / "game.npz", allow_pickle=False) as stored:
            losses, answers, targets = (stored[name][:known] for name in ("losses", "answers", "targets"))
        _fits(turns, losses, first)
        networks.models += [load(network_path(folder, number)) for number in range(known)]
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise InvalidValue(f"{folder} does not hold a game to go on with ({error}): choose another --out") from error
    networks.answers += list(answers)
    networks.targets += [target[:width] for target, width in zip(targets, _widths(first, len(turns)), strict=True)]
    return losses[:, :known], turns


def network_path(folder: Path, number: int) -> Path:
    """Where a network of the population is kept."""
    return folder / "networks" / f"{number:03}.npz"


def _turn(entry: dict[str, object]) -> Turn:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Turn(**{**values, "gap": Interval(**entry["gap"])})  # type: ignore[arg-type]  # a wrong type raises TypeError


def _fits(turns: Sequence[Turn], losses: Array, first: int) -> None:
    known = first + len(turns)
    told = [(len(turn.attacker), len(turn.defender)) for turn in turns]
    if losses.shape[0] != known or losses.shape[1] < known or told != [(n, n) for n in range(first, known)]:
        raise ValueError(f"{len(turns)} turns do not fit a game of shape {losses.shape[:2]}")


def _widths(first: int, turns: int) -> list[int]:
    """How many networks were known when each attack was made."""
    return [*(first for _ in range(first)), *(first + number for number in range(turns))]


def _padded(targets: Sequence[Array]) -> Array:
    padded = np.zeros((len(targets), max(map(len, targets))))
    for row, target in zip(padded, targets, strict=True):
        row[: len(target)] = target
    return padded
