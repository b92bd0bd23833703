"""One rule as a value, and the rules that hold for every player."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.random import default_rng

from arena.players import spec
from arena.referee import fingerprint


class NonConformance(AssertionError):
    """A player or a scenario breaks a rule of the house."""


@dataclass(frozen=True)
class Check:
    """One rule; call it to find out, str() names it."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Raise NonConformance if the rule is broken."""
        try:
            self.run()
        except NonConformance as error:
            raise NonConformance(f"{self.name}: {error}") from error
        except Exception as error:
            raise NonConformance(f"{self.name}: {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        return self.name


def state(player: Any) -> str:
    """What a player remembers, as text."""
    shared = {k: v for k, v in vars(type(player)).items() if not k.startswith("_") and not callable(v)}
    return f"{getattr(player, '__dict__', player)!r} {shared!r} {fingerprint(player)}"


def identity(player: Any) -> None:
    """Require a text that names the player, with no address in it."""
    text = spec(player)
    if " at 0x" in text:
        raise NonConformance(f"{text} names an address: make every field a value with a stable repr")


def travels(player: Any) -> None:
    """Require that a pickled copy is the same player."""
    import cloudpickle

    copy = pickle.loads(cloudpickle.dumps(player))
    if spec(copy) != spec(player):
        raise NonConformance(
            "a pickled copy is another player: worker processes would not play the one that was entered"
        )


def leaves_alone(attacker: Any, view: Any) -> None:
    """Require a move that changes nothing of the view."""
    before = fingerprint(view)
    try:
        attacker.move(view, default_rng(0))
    except ValueError as error:
        if "read-only" in str(error):
            raise NonConformance(f"it writes into the arrays it was shown ({error}); copy them first") from error
        raise
    if fingerprint(view) != before:
        raise NonConformance("it changed the arrays it was shown; copy them first")


def same_move(player: Any, view: Callable[[], Any]) -> None:
    """Require the same move for the same view and stream, and a player that stays as it was; `view` deals one."""
    before = state(player)
    first, second = (fingerprint(player.move(view(), default_rng(5))) for _ in range(2))
    if first != second or state(player) != before:
        raise NonConformance("the same view and stream gave two moves, or the player changed: draw from `rng` alone")
