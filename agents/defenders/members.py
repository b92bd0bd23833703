"""Defenders made of defenders: members given as objects, or as specs for the roster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from arena import roster
from arena.errors import InvalidValue
from arena.players import Defender, seat
from arena.views import DefenderView

Member: TypeAlias = Defender | str


def defenders_of(given: Sequence[Member] | str, owner: str) -> tuple[Defender, ...]:
    """At least one defender; `owner` is named where one cannot be seated."""
    several = (given,) if isinstance(given, str) else tuple(given)
    if not several:
        raise InvalidValue('members must name at least one defender, as in ["plain", "dropout"]')
    built = tuple(roster.build("defenders", member) if isinstance(member, str) else member for member in several)
    for member in built:
        seat(member, DefenderView, owner)
    return built
