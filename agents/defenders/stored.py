"""A network that was trained before."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from arena.engine import load
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Deploys the network that `path` holds, as `arena.engine.save` wrote it; it trains on nothing."""

    path: str

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The stored network."""
        try:
            return Deployment(load(self.path))
        except (OSError, ValueError) as error:
            raise InvalidValue(f"path must be a network stored as .npz; {self.path}: {error}") from error
