"""The catalogue: who can play, what, and on which data."""

from __future__ import annotations

import inspect
import textwrap

from arena import roster
from arena.errors import RosterError

_WIDTH = 110


def catalogue() -> str:
    """Every registered name with the first sentence of its documentation and its parameters, as text."""
    return "\n\n".join(_group(group) for group in roster.GROUPS)


def _group(group: str) -> str:
    return "\n".join([group, *(_entry(group, name) for name in roster.names(group))])


def _entry(group: str, name: str) -> str:
    try:
        kind = roster.find(group, name)
    except RosterError as error:
        return _wrapped(name, f"cannot be used: {error}")
    summary = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    parameters = ", ".join(f"{key}={value}" for key, value in roster.parameters(kind).items())
    return _wrapped(name, summary) + (f"\n{_wrapped('', parameters)}" if parameters else "")


def _wrapped(name: str, text: str) -> str:
    indent = " " * 28
    return textwrap.fill(text, _WIDTH, initial_indent=f"  {name:<25} ", subsequent_indent=indent)
