"""A run on disk, read: one SQLite file with every outcome, and arrays beside it.

`run.sqlite` holds plans (who sits where, in which order) and, under the key of each match, its rounds, hits a bit a point.
`networks/<training>.npz` holds what a defender deployed first, `examples/<match>.npz` the attacked rows of each round.
The clock has a table of its own: no result depends on it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from results.records import extras
from results.records.record import Record
from results.storage.schema import StoreError, connected, speaking
from results.tables.outcomes import Outcomes, outcomes_of
from results.tables.table import ResultsTable


@dataclass(frozen=True, slots=True)
class Seat:
    """A match of a plan: the labels it has in the table, its key, and the key of its defender's training."""

    attacker: str
    defender: str
    seed: int
    match: str
    training: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A tournament that a run was asked for; `about` is what it says of itself."""

    number: int
    scenario: str
    about: Mapping[str, Any]
    matches: int
    stored: int


class Store:
    """The results of a run, open for reading, also while another process writes; a context manager.

    `plan` is a number from `plans`, by default the latest. Raises StoreError where the run cannot be read.
    """

    _write = False

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._database = connected(self.folder, write=self._write)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a run folder."""
        return cls(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def plans(self) -> list[Plan]:
        """What the run was asked for, the latest first."""
        mine = "FROM seats WHERE seats.plan = plans.plan"
        query = (
            f"SELECT plan, scenario, about, (SELECT count(*) {mine}), (SELECT count(*) {mine} AND {_STORED})"
            " FROM plans ORDER BY turn DESC"
        )
        return [Plan(n, scenario, json.loads(about), *sizes) for n, scenario, about, *sizes in self._all(query)]

    def seats(self, plan: int | None = None) -> list[Seat]:
        """Every match of a plan, in the order of its table."""
        return self._seats("", plan)

    def missing(self, plan: int | None = None) -> list[Seat]:
        """The matches of a plan that are not stored."""
        return self._seats(f"AND NOT {_STORED}", plan)

    def table(self, plan: int | None = None) -> ResultsTable:
        """What is stored of a plan, in its order."""
        number, scenario = self._plan(plan)
        query = (
            "SELECT attacker, defender, seed, round, queries, clean, attacked, points, forfeit, extras"
            " FROM seats JOIN rounds USING (match) WHERE plan = ? ORDER BY place, round"
        )
        records = tuple(_record(scenario, *row) for row in self._all(query, number))
        return ResultsTable(records, self._training_seconds(number))

    def outcomes(self, round: int | None = None, plan: int | None = None) -> Outcomes:
        """Every stored match of one round, by default the last, as arrays (attackers, defenders, seeds, points)."""
        return outcomes_of(self.table(plan).records, round)

    def seconds(self, key: str) -> float | None:
        """How long a match or a training took, if it was kept."""
        found = self._one("SELECT seconds FROM clock WHERE key = ?", key)
        return found[0] if found else None

    def network(self, training: str) -> Path:
        """Where the first deployment of a training is kept, if it could be."""
        return self.folder / "networks" / f"{training}.npz"

    def examples(self, match: str) -> Path:
        """Where the attacked rows of a match are kept, if they were wanted: arrays `x0`, `x1`, … a round."""
        return self.folder / "examples" / f"{match}.npz"

    def _seats(self, condition: str, plan: int | None) -> list[Seat]:
        query = f"SELECT attacker, defender, seed, match, training FROM seats WHERE plan = ? {condition} ORDER BY place"
        return [Seat(a, d, int(seed), *keys) for a, d, seed, *keys in self._all(query, self._plan(plan)[0])]

    def _training_seconds(self, plan: int) -> dict[tuple[str, int], float]:
        query = "SELECT DISTINCT defender, seed, seconds FROM seats JOIN clock ON key = training WHERE plan = ?"
        return {(defender, int(seed)): seconds for defender, seed, seconds in self._all(query, plan)}

    def _plan(self, plan: int | None = None) -> tuple[int, str]:
        wanted = ("", ()) if plan is None else ("WHERE plan = ?", (plan,))
        found = self._one(f"SELECT plan, scenario FROM plans {wanted[0]} ORDER BY turn DESC", *wanted[1])
        if not found:
            raise StoreError(f"{self.folder} holds no plan{'' if plan is None else f' {plan}'} yet: `show` lists them")
        return found[0], found[1]

    def _one(self, query: str, *values: object) -> tuple[Any, ...]:
        return next(self._all(query, *values), ())

    def _all(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with speaking(self.folder):
            yield from self._database.execute(query, values).fetchall()


_STORED = "EXISTS (SELECT 1 FROM rounds WHERE rounds.match = seats.match)"


def _record(scenario: str, attacker: str, defender: str, seed: str, round: int, *row: Any) -> Record:
    queries, clean, attacked, points, forfeit, extra = row
    return Record(
        scenario=scenario,
        attacker=attacker,
        defender=defender,
        seed=int(seed),
        round=round,
        queries=queries,
        clean_hits=clean,
        attacked_hits=attacked,
        points=points,
        forfeit=forfeit,
        extras=extras.read(extra),
    )
