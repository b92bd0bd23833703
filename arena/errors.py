"""Every exception of the house: each message names the rule, the value and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ArenaError(Exception):
    """The root of what the arena raises on purpose; the command line prints it and exits with 2."""


class InvalidValue(ArenaError, ValueError):
    """A parameter, an array or a file breaks a stated rule."""


class IllegalMove(ArenaError):
    """The referee refuses a move; the match is forfeited by the side that made it."""


class Mismatch(ArenaError, TypeError):
    """A player needs to see more than the scenario shows."""


class RosterError(ArenaError, LookupError):
    """A name is unknown, or what it names cannot be imported."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, then all of them."""
    names = sorted(known)
    return f"{nearest(name, names)}known: {', '.join(names) or 'none'}"


def nearest(name: str, known: Iterable[str]) -> str:
    """The question whether the known name most like this one was meant, in whatever case; nothing where none is like it."""
    spelt = {entry.casefold(): entry for entry in known}
    near = difflib.get_close_matches(name.casefold(), spelt, n=1)
    return f"did you mean '{spelt[near[0]]}'? " if near else ""
