"""What a scenario measured beside the hits: finite numbers by name, as one cell of a CSV."""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Extras: TypeAlias = tuple[tuple[str, float], ...]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_extras(extras: Extras) -> None:
    """Raise ValueError unless names are distinct snake_case words in order, and their numbers are finite."""
    names = [name for name, _ in extras]
    if names != sorted(set(names)):
        raise ValueError(f"extras: names are distinct and in alphabetical order, not {names}")
    for name, value in extras:
        if not _NAME.fullmatch(name):
            raise ValueError(f"extras: a name is a word like attack_success, not {name!r}")
        if not math.isfinite(value):
            raise ValueError(
                f"extras: {name} is a finite number, not {value!r}; leave it out where nothing was measured"
            )


def spell(extras: Extras) -> str:
    """Write name=number pairs, each number as `repr` writes it."""
    return ";".join(f"{name}={value!r}" for name, value in extras)


def read(cell: str) -> Extras:
    """Read what `spell` wrote; ValueError on anything else."""
    pairs = (pair.partition("=") for pair in cell.split(";")) if cell else ()
    return tuple((name, float(value)) for name, _, value in pairs)
