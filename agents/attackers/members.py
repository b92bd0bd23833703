"""Players made of players: members given as objects, or as specs for the roster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from arena import roster
from arena.errors import InvalidValue
from arena.players import Attacker, Defender, needs, seat
from arena.views import EvasionView


def attacker_of(given: Attacker[Any] | str) -> Attacker[Any]:
    """The attacker itself, or the one that a spec like `pgd(steps=7)` names."""
    player = roster.build("attackers", given) if isinstance(given, str) else given
    seat(player, needs(player), "a player made of players")
    return player


def attackers_of(given: Sequence[Attacker[Any] | str] | str) -> tuple[Attacker[Any], ...]:
    """At least one attacker."""
    return tuple(attacker_of(one) for one in _several("attackers", given))


def most_demanding(members: Sequence[Any], least: type = EvasionView) -> type:
    """The view that every member can do with, `least` at the least."""
    return max((least, *map(needs, members)), key=lambda view: len(view.__mro__))


def defenders_of(given: Sequence[Defender | str] | str) -> tuple[Defender, ...]:
    """At least one defender."""
    several = _several("surrogates", given)
    return tuple(roster.build("defenders", one) if isinstance(one, str) else one for one in several)


def _several(name: str, given: Any) -> tuple[Any, ...]:
    several = (given,) if isinstance(given, str) else tuple(given)
    if not several:
        raise InvalidValue(f'{name} must name at least one, as in ["plain"]')
    return several
