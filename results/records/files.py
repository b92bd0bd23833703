"""A file of records: replaced as a whole, never left half written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from results.records.lines import HEADER, OLD_HEADER, from_line, to_line, upgraded
from results.records.record import Record

MARK = b"\xef\xbb\xbf"  # some spreadsheets begin a UTF-8 file with it


def write_records(path: str | os.PathLike[str], records: Iterable[Record]) -> None:
    """Write a CSV file of records as a whole: under a temporary name first, then moved into place."""
    _replace(Path(path), "".join(line + "\n" for line in [HEADER, *map(to_line, records)]).encode())


def read_records(path: str | os.PathLike[str]) -> tuple[Record, ...]:
    """Read a CSV file of records, bit for bit as written; a last line torn by a crash is ignored.

    Raises ValueError that names the line and column of the first malformed field, and the way out.
    """
    lines = _lines(Path(path).read_bytes(), Path(path))
    return tuple(from_line(line, f"{path}, line {number}") for number, line in enumerate(lines[1:], start=2) if line)


def _lines(content: bytes, path: Path) -> list[str]:
    """Split a file into its header and lines; a last line without an end stays only if nothing of it is missing."""
    *whole, last = _current(content.removeprefix(MARK)).split(b"\n")
    lines = [_decode(line, f"{path}, line {number}") for number, line in enumerate(whole, start=1)]
    if last and not _is_torn(last):
        lines.append(last.decode())
    if not (lines[0] == HEADER if lines else HEADER.encode().startswith(last)):
        raise ValueError(f"{path}, line 1: a table of records begins with the line {HEADER!r}; is this the right file?")
    return lines


def _current(content: bytes) -> bytes:
    """The content in today's columns: tables from before there were extras get an empty cell a line."""
    header, end, rest = content.partition(b"\n")
    if header.removesuffix(b"\r") != OLD_HEADER.encode():
        return content
    lines = rest.decode("utf-8", "surrogateescape").split("\n")
    upgrades = "\n".join(upgraded(line) if line else "" for line in lines)
    return HEADER.encode() + end + upgrades.encode("utf-8", "surrogateescape")


def _decode(line: bytes, where: str) -> str:
    try:
        return line.decode().removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ValueError(f"{where}: not UTF-8 text ({error}); save the file as UTF-8, or delete the line") from error


def _is_torn(line: bytes) -> bool:
    try:
        return line.decode() != HEADER and not from_line(line.decode(), "")
    except ValueError:
        return True


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place in one step: a reader finds the old content or the new, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
