"""The folder that a command writes to."""

from __future__ import annotations

from pathlib import Path

from arena.errors import InvalidValue


def made(folder: Path) -> Path:
    """The folder, made if need be; InvalidValue where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidValue(f"the folder {folder} cannot be written ({error}): choose another with --out DIR") from error
    return folder
