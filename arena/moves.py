"""What a player may put down: plain data, judged by the referee and never by the player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from arena.engine.arrays import Array
from arena.engine.model import Model


@dataclass(frozen=True, eq=False)
class Perturbation:
    """The attacked rows x (n, d), in the order of the field they answer; pixel scale [0, 1]."""

    x: Array


@dataclass(frozen=True, eq=False)
class Deployment:
    """The model that the defender puts into the field."""

    model: Model


Move: TypeAlias = Perturbation | Deployment
