"""A record as one line of CSV, and back, bit for bit.

The packed hits stand last in a line, so that a line torn by a crash never passes for a whole one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from results.records import extras
from results.records.record import Record

COLUMNS = (
    "scenario",
    "attacker",
    "defender",
    "seed",
    "round",
    "points",
    "forfeit",
    "clean_accuracy",
    "attacked_accuracy",
    "extras",
    "queries",
    "clean_hits",
    "attacked_hits",
)
HEADER = ",".join(COLUMNS)
LONG = 3  # columns at the end that hold bytes, of any length: the csv module refuses fields above 128 KiB
OLD_HEADER = HEADER.replace(",extras", "")  # tables written before there were extras
DERIVED = ("clean_accuracy", "attacked_accuracy")
READ: dict[str, Callable[[str], int | bytes | extras.Extras]] = {
    "seed": int,
    "round": int,
    "points": int,
    "extras": extras.read,
    "queries": bytes.fromhex,
    "clean_hits": bytes.fromhex,
    "attacked_hits": bytes.fromhex,
}
OTHERWISE = "mend the line, or delete it to drop the match"


def to_line(record: Record) -> str:
    """Spell a record as one CSV line, without its end: bytes in hexadecimal, accuracies as `repr` writes them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(_spell(getattr(record, column)) for column in COLUMNS)
    return text.getvalue()


def from_line(line: str, where: str) -> Record:
    """Read the record that `to_line` spelled; `where` names the line in the ValueError raised if it is malformed."""
    cells = dict(zip(COLUMNS, _cells(line, where), strict=True))
    values: dict[str, Any] = {name: _read(name, cell, where) for name, cell in cells.items() if name not in DERIVED}
    try:
        record = Record(**values)
    except ValueError as error:
        raise ValueError(f"{where}, column {error}") from error
    for name in DERIVED:
        _check_derived(record, name, cells[name], where)
    return record


def upgraded(line: str) -> str:
    """Give a line of an old table its empty extras."""
    head, *tail = line.rsplit(",", LONG)
    return ",".join([head, "", *tail])


def _spell(value: str | int | float | bytes | extras.Extras) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return extras.spell(value)
    return repr(value) if isinstance(value, float) else str(value)


def _cells(line: str, where: str) -> list[str]:
    head, *tail = line.rsplit(",", LONG)
    try:
        cells = [*next(csv.reader([head], strict=True), []), *tail]
    except csv.Error as error:
        raise ValueError(f"{where}: {error}; {OTHERWISE}") from error
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{where}: {len(cells)} columns, not {len(COLUMNS)}; {OTHERWISE}")
    return cells


def _read(name: str, cell: str, where: str) -> str | int | bytes | extras.Extras:
    try:
        return READ[name](cell) if name in READ else cell
    except ValueError as error:
        raise ValueError(f"{where}, column {name}: cannot read {cell[:40]!r}: {error}; {OTHERWISE}") from error


def _check_derived(record: Record, name: str, cell: str, where: str) -> None:
    expected = repr(getattr(record, name))
    if cell != expected:
        hits = name.replace("accuracy", "hits")
        raise ValueError(f"{where}, column {name}: {cell!r}, but {hits} say {expected}; {OTHERWISE}")
