"""A run on disk, written: one writer, commits in batches, every match once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from results.records import extras
from results.records.record import Record
from results.storage.schema import StoreError, sole_writer, speaking
from results.storage.store import Seat, Store

BATCH = 500
PAUSE = 0.05  # seconds: what waits for a commit took no longer than this to play


class StoreWriter(Store):
    """The one writer of a run, which it makes if need be; another is refused until this one closes or dies.

    A match is stored whole or not at all, and once. Raises StoreError where the run cannot be written; what was
    committed before stays.
    """

    _write = True

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the run folder {folder} cannot be written ({error}): choose another, as by --out DIR"
            ) from error
        self._lock = sole_writer(Path(folder))
        self._rounds: list[tuple[object, ...]] = []
        self._seconds: list[tuple[str, float]] = []
        self._committed = time.monotonic() - PAUSE
        try:
            super().__init__(folder)
        except BaseException:
            self._lock.close()
            raise

    def close(self) -> None:
        """Commit what is left and let the next writer in."""
        try:
            self.flush()
        finally:
            super().close()
            self._lock.close()

    def begin(self, scenario: str, about: Mapping[str, Any], seats: Iterable[Seat]) -> None:
        """Make this the run's latest plan; earlier ones and all they played stay. The same `about` is the same plan."""
        text = json.dumps(about)
        turn = self._one("SELECT coalesce(max(turn), 0) + 1 FROM plans")[0]
        known = self._one("SELECT plan FROM plans WHERE about = ?", text)
        with self._transaction():
            if known:
                self._database.execute("UPDATE plans SET turn = ? WHERE plan = ?", (turn, *known))
                return
            plan = self._database.execute("INSERT INTO plans VALUES (NULL, ?, ?, ?)", (turn, scenario, text)).lastrowid
            rows = ((plan, i, s.attacker, s.defender, str(s.seed), s.match, s.training) for i, s in enumerate(seats))
            self._database.executemany("INSERT INTO seats VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def add(self, match: str, records: Iterable[Record], seconds: float | None = None) -> None:
        """Keep the rounds of a match under its key, and how long it took; the labels in them are the plan's business."""
        for r in records:
            played = (r.points, r.forfeit, extras.spell(r.extras), r.queries, r.clean_hits, r.attacked_hits)
            self._rounds.append((match, r.round, *played))
        if seconds is not None:
            self._seconds.append((match, seconds))
        if len(self._rounds) >= BATCH or time.monotonic() - self._committed >= PAUSE:
            self.flush()

    def trained(self, training: str, seconds: float) -> None:
        """Keep how long a training took."""
        self._seconds.append((training, seconds))

    def forget(self, reasons: Iterable[str]) -> int:
        """Drop the forfeits of the latest plan whose reason begins with one of these words, to be played again; how many."""
        chosen = "forfeit LIKE ? || ':%' AND match IN (SELECT match FROM seats WHERE plan = ?)"
        plan = self._plan()[0]
        with self._transaction():
            deleted = [self._database.execute(f"DELETE FROM rounds WHERE {chosen}", (r, plan)) for r in reasons]
            return sum(cursor.rowcount for cursor in deleted)

    def flush(self) -> None:
        """Commit."""
        rounds, seconds = self._rounds, self._seconds
        if rounds or seconds:
            self._rounds, self._seconds = [], []
            with self._transaction():
                self._database.executemany("INSERT OR IGNORE INTO rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rounds)
                self._database.executemany("INSERT OR IGNORE INTO clock VALUES (?, ?)", seconds)
            self._committed = time.monotonic()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with speaking(self.folder):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
