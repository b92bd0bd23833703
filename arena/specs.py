"""Players as text, `pgd(steps=40, norm="l2")`: parsed as literals, never evaluated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from arena.errors import InvalidValue

_SPEC = re.compile(r"\s*([a-z][a-z0-9_-]*)\s*(?:\((.*)\))?\s*", re.DOTALL)


def parse(text: str) -> tuple[str, dict[str, Any]]:
    """The name and the keyword arguments of one spec; InvalidValue on anything but `name(key=literal, …)`."""
    found = _SPEC.fullmatch(text)
    if not found:
        raise InvalidValue(f"'{text}' is no spec: write name or name(key=value, …), as in pgd(steps=40)")
    name, inside = found.groups()
    try:
        call = ast.parse(f"f({inside or ''})", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            raise ValueError("only key=value pairs may stand in the parentheses")
        keys = [k.arg for k in call.keywords]
        if None in keys or len(set(keys)) < len(keys):
            raise ValueError("every parameter is given once, as key=value")
        return name, {str(k.arg): _literal(str(k.arg), k.value) for k in call.keywords}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidValue(
            f"'{text}': values must be plain literals (numbers, 'text', lists, None): {error}"
        ) from error


def _literal(key: str, value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError as error:  # whose text names objects of the parser
        raise ValueError(f"{key}={ast.unparse(value)} is no literal") from error


def named(text: str) -> tuple[str, str]:
    """The name and the spec of `name=spec`; a spec alone is its own name."""
    head, equals, rest = text.partition("=")
    return (head.strip(), rest.strip()) if equals and "(" not in head else (text, text)


def seating(texts: Iterable[str]) -> dict[str, str]:
    """The specs by name; InvalidValue if one name stands for two players, of whom one would be lost without a word."""
    table: dict[str, str] = {}
    for name, spec in map(named, texts):
        if table.setdefault(name, spec) != spec:
            raise InvalidValue(f"'{name}' names two players, {table[name]} and {spec}: give each a name of its own")
    return table


def split(text: str) -> list[str]:
    """The specs in a comma-separated list; commas inside brackets or quotes belong to the spec."""
    parts, depth, quote, current = [], 0, "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if char == "," and depth == 0 and not quote:
            parts.append(current)
            current = ""
        else:
            current += char
    return [part.strip() for part in [*parts, current] if part.strip()]
