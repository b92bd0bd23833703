"""What a player may put down: plain data, judged by the referee and never by the player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from arena.engine.arrays import Array, Indices, Labels, Mask
from arena.engine.model import Model
from arena.engine.network import Params


@dataclass(frozen=True, eq=False)
class Perturbation:
    """The attacked rows x (n, d), in the order of the field they answer; pixel scale [0, 1]."""

    x: Array


@dataclass(frozen=True, eq=False)
class Poison:
    """The training rows (k,) that the attacker changes, by index, with their new x (k, d) and y (k,); None: as they were.

    `added_x` (m, d) and `added_y` (m,) are rows it inserts; where they come to stand is not the attacker's choice.
    """

    rows: Indices
    x: Array | None = None
    y: Labels | None = None
    added_x: Array | None = None
    added_y: Labels | None = None


@dataclass(frozen=True, eq=False)
class Deployment:
    """The model that the defender puts into the field; `suspects` (n,) marks the training rows it did not trust, if it says.

    `note` is what whoever reads the match should know of the training; it is no part of any score.
    """

    model: Model
    suspects: Mask | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Tampered:
    """The weights that the attacker leaves behind, array for array those of the network it was shown."""

    params: Params


Move: TypeAlias = Perturbation | Poison | Deployment | Tampered
