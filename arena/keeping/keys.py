"""What a match is stored under: a digest of the rules, the data, both players, the seed and the code behind them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from arena.keeping.sources import code
from arena.match import Outcome
from arena.players import AnyAttacker, Defender, spec
from arena.scenario import Scenario
from arena.streams import digest

MEANING = 1  # raised when the same code stores something else under the same name


class Keys:
    """The keys of one scenario's matches; equal for equal content, whatever a player is called in a table."""

    def __init__(self, scenario: Scenario) -> None:
        self.game = digest(MEANING, scenario.content(), code([type(scenario), Outcome]))

    def training(self, defender: str, seed: int) -> str:
        """The key of a defender's first training, the defender given by its `identity`."""
        return digest("training", self.game, defender, seed)[:32]

    def match(self, attacker: str, defender: str, seed: int) -> str:
        """The key of a match, the players given by their `identity`."""
        return digest("match", self.game, attacker, defender, seed)[:32]


def identity(player: AnyAttacker | Defender) -> str:
    """A digest of a player's hyperparameters and of the code that reads them."""
    return digest(spec(player), code(kinds(player)))


def kinds(value: Any) -> set[type]:
    """The classes of a player and of the players it holds."""
    return set(_kinds(value))


def _kinds(value: Any) -> Iterator[type]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _kinds(item)
    elif type(value).__module__ != "builtins":
        yield type(value)
        for field in fields(value) if is_dataclass(value) else ():
            yield from _kinds(getattr(value, field.name))
