"""The attacker that a defender trains against: an object, or a name from the roster."""

from __future__ import annotations

from typing import Any, TypeAlias

from arena import roster
from arena.players import Attacker, seat
from arena.views import GradientView

Sparring: TypeAlias = Attacker[Any] | str


def sparring_partner(given: Sparring) -> Attacker[Any]:
    """The attacker itself, or the one that a spec like `pgd(steps=7)` names."""
    partner = roster.build("attackers", given) if isinstance(given, str) else given
    seat(partner, GradientView, "training")
    return partner
