"""The log of a run: one JSON object a line, with the time, appended as things happen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

NAME = "log.jsonl"


class Log:
    """Appends events to a run's log; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def __enter__(self) -> Self:
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.write("broken off", why=f"{type(error).__name__}: {error}")
        self._file.close()

    def write(self, event: str, **facts: object) -> None:
        """Append one event, and hand it to the system at once."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._file.write(json.dumps({"time": now, "event": event, **facts}, ensure_ascii=False) + "\n")
        self._file.flush()
