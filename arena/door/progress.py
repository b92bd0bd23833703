"""Progress on stderr while a tournament runs: trainings and matches done, time left; quiet when piped."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from arena.match import Opening
from results import Record, RecordWriter


class Bars:
    """An observer of a tournament: two bars, and every record written as it arrives."""

    def __init__(self, writer: RecordWriter, trainings: int, matches: int) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._trainings = self._bars.add_task("trainings", total=trainings)
        self._matches = self._bars.add_task("matches", total=matches)
        self._writer = writer
        self.records: list[Record] = []
        self.openings: dict[tuple[str, int], Opening] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def opened(self, defender: str, seed: int, opening: Opening | None) -> None:
        """One more training done, and kept."""
        if opening is not None:
            self.openings[defender, seed] = opening
        self._bars.advance(self._trainings)

    def played(self, records: tuple[Record, ...]) -> None:
        """One more match done, and kept."""
        for record in records:
            self._writer.write(record)
        self.records += records
        self._bars.advance(self._matches, len({record.attacker for record in records}))
