"""Who plays unless told otherwise: the players that a command seats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from arena import roster, specs
from arena.errors import InvalidValue, RosterError


def noted(rules: Any) -> Any:
    """The scenario, once what its data set has to say of itself is said."""
    if rules.dataset.note:
        typer.echo(rules.dataset.note, err=True)
    return rules


def seated(group: str, named: Mapping[str, str] | None, rules: Any) -> dict[str, Any]:
    """The players named, else the scenario's line-up, else all at home that are ready."""
    lineup = rules.lineup.get(group)
    if named is None and lineup is not None:
        named = specs.seating(lineup)
    if named is not None:
        if not named:
            raise InvalidValue(f"the list of {group} names nobody; leave it out for those that play by default")
        return {name: roster.build(group, text) for name, text in named.items()}
    bench = rules.lineup.get("bench", ())
    everyone = {name: _ready(group, name) for name in roster.names(group) if name not in bench}
    at_home = _attacks if group == "attackers" else _defends
    return {name: p for name, p in everyone.items() if p is not None and at_home(name, p, rules)}


def _ready(group: str, name: str) -> Any:
    """The player as it stands; None where it must be told something first, or cannot be imported, which is said."""
    try:
        return None if roster.told(group, name) else roster.build(group, name)
    except RosterError as error:
        typer.echo(f"left out: {error}", err=True)
        return None


def _defends(name: str, defender: Any, rules: Any) -> bool:
    """Whether a defender needs no more than it is shown."""
    from arena.players import needs, taught

    return issubclass(taught(rules), needs(defender))


def _attacks(name: str, attacker: Any, rules: Any) -> bool:
    """Whether an attacker needs just what is shown; the control always, and label-only ones where scores are."""
    from arena.players import needs
    from arena.views import LabelView, ScoreView

    needed, shown = needs(attacker), rules.shows
    return name in roster.CONTROLS or needed is shown or (needed is LabelView and shown is ScoreView)
