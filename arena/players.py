"""Players: frozen, keyword-only dataclasses of hyperparameters with one verb, `move(view, rng) -> move`.

A player keeps nothing between moves: the same view, the same player and the same stream give the same move.
"""

from __future__ import annotations

import typing
from dataclasses import fields, is_dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.random import Generator

from arena.errors import InvalidValue, Mismatch
from arena.moves import Deployment, Perturbation, Poison, Tampered
from arena.poisoning.view import PoisonView
from arena.streams import digest
from arena.tampering import TamperView
from arena.views import DefenderView, EvasionView

ViewT = TypeVar("ViewT", bound=EvasionView, contravariant=True)


class Attacker(Protocol[ViewT]):
    """Answers a view of the field with a perturbation; one that needs less may sit wherever more is shown."""

    def move(self, view: ViewT, rng: Generator) -> Perturbation:
        """The attacked rows, in the field's order, inside the view's ball."""


class Poisoner(Protocol):
    """Answers a view of the training rows with poison, and at test time a view of the field with its trigger put on."""

    def move(self, view: PoisonView, rng: Generator) -> Poison | Perturbation:
        """The poison, inside its allowance; a Perturbation where the view is a TriggerView."""


class Tamperer(Protocol):
    """Answers a view of a trained network with other weights."""

    def move(self, view: TamperView, rng: Generator) -> Tampered:
        """The weights, inside the view's allowance."""


class Defender(Protocol):
    """Answers training rows with a model: those of a DefenderView, or of the view that its own annotation asks for."""

    def move(self, view: Any, rng: Generator) -> Deployment:
        """The model to deploy against the view's threat."""


AnyAttacker: TypeAlias = Attacker[Any] | Poisoner | Tamperer


def needs(player: object) -> type:
    """The view that a player's `move` asks for by its annotation, or by a property `needs`; `object` where it has neither."""
    declared = getattr(player, "needs", None)
    if isinstance(declared, type):
        return declared
    try:
        hints = typing.get_type_hints(type(player).move)  # type: ignore[attr-defined]  # absent: the except branch
    except (AttributeError, NameError):
        return object
    hint = hints.get("view", object)
    return hint if isinstance(hint, type) else object


def taught(scenario: object) -> type:
    """The view that a scenario shows its defender: its `trains`, else a DefenderView."""
    return getattr(scenario, "trains", DefenderView)


def seat(player: object, shown: type, scenario: str) -> None:
    """Raise Mismatch if the player needs to see more than `shown`, and InvalidValue if it cannot move at all."""
    if isinstance(player, type) or not callable(getattr(player, "move", None)):
        raise InvalidValue(
            f"a player needs a method move(view, rng); {player!r} has none: did you forget to call the class?"
        )
    needed = needs(player)
    if not issubclass(shown, needed):
        side = "an attacker" if issubclass(shown, EvasionView | PoisonView) else "a defender"
        raise Mismatch(
            f"{type(player).__name__} needs a {needed.__name__}; {scenario} shows a {shown.__name__}:"
            f" choose {side} that needs no more than that, or a scenario that shows more"
        )


def spec(player: Any) -> str:
    """The player's identity as text: its class and every field; InvalidValue if it has no stable one."""
    if is_dataclass(player) and not isinstance(player, type):
        inner = ", ".join(f"{f.name}={_text(getattr(player, f.name))}" for f in fields(player))
        return f"{type(player).__module__}.{type(player).__qualname__}({inner})"
    text = repr(player)
    if " at 0x" in text:
        raise InvalidValue(f"{text} has no stable identity: make the player a frozen dataclass, or give it a __repr__")
    return text


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}-{digest(value.dtype, value.tobytes())[:16]}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_text(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_text(item)}" for key, item in value.items()) + "}"
    return spec(value)
