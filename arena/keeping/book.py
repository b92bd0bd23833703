"""Where a tournament's results go as they come: into memory, or into the store of a run, which also knows what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

from arena.engine.arrays import Array
from arena.engine.storage import write_arrays
from arena.jobs.runner import OF_THE_MACHINE
from arena.keeping.keys import Keys, identity
from arena.keeping.shelf import keep, kept
from arena.match import Opening
from arena.players import AnyAttacker, Defender, spec
from arena.scenario import Scenario
from arena.streams import digest
from results import Record, ResultsTable, Seat, StoreWriter

Row = tuple[str, int]  # a defender's name and a seed: one training


@dataclass(frozen=True)
class Played:
    """What comes back from a match: a record a round, the seconds it took, and the attacked rows if they were wanted."""

    records: tuple[Record, ...]
    seconds: float | None = None
    examples: Mapping[str, Array] | None = None


class Book(Protocol):
    """Takes what a tournament finishes."""

    def missing(self) -> dict[Row, list[str]]:
        """The attackers that are still to be played, by row."""

    def opening(self, row: Row) -> Opening | None:
        """A training of an earlier time."""

    def opened(self, row: Row, opening: Opening) -> None:
        """Keep a training."""

    def played(self, attacker: str, row: Row, match: Played) -> None:
        """Keep a match."""

    def table(self) -> ResultsTable:
        """All of it."""


class Pages:
    """A book in memory."""

    def __init__(self, attackers: Sequence[str], defenders: Sequence[str], seeds: Sequence[int]) -> None:
        self._seats = list(product(attackers, defenders, seeds))
        self._records: dict[tuple[str, str, int], tuple[Record, ...]] = {}
        self._seconds: dict[Row, float] = {}

    def missing(self) -> dict[Row, list[str]]:
        """Everything."""
        rows = dict.fromkeys((defender, seed) for _, defender, seed in self._seats)
        attackers = list(dict.fromkeys(attacker for attacker, _, _ in self._seats))
        return dict.fromkeys(rows, attackers)

    def opening(self, row: Row) -> Opening | None:
        """None: nothing was before."""
        return None

    def opened(self, row: Row, opening: Opening) -> None:
        """Keep the time."""
        self._seconds[row] = opening.seconds

    def played(self, attacker: str, row: Row, match: Played) -> None:
        """Keep the records."""
        self._records[attacker, *row] = match.records

    def table(self) -> ResultsTable:
        """The records in the order of the seats."""
        return ResultsTable(tuple(r for seat in self._seats for r in self._records.get(seat, ())), self._seconds)


class Stored:
    """A book in a run's store: begins the plan there, and plays nothing twice; with `retry`, what the machine broke off."""

    def __init__(
        self,
        store: StoreWriter,
        scenario: Scenario,
        attackers: Mapping[str, AnyAttacker],
        defenders: Mapping[str, Defender],
        seeds: Sequence[int],
        retry: bool = False,
    ) -> None:
        self._store, self._defenders = store, defenders
        keys = Keys(scenario)
        who = {name: identity(player) for name, player in defenders.items()}
        whom = {name: identity(player) for name, player in attackers.items()}
        self._trainings = {(name, seed): keys.training(who[name], seed) for name in defenders for seed in seeds}
        self._matches = {
            (a, d, seed): keys.match(whom[a], who[d], seed) for a in attackers for d in defenders for seed in seeds
        }
        seats = (Seat(a, d, seed, key, self._trainings[d, seed]) for (a, d, seed), key in self._matches.items())
        about = {
            "scenario": spec(scenario),
            "game": keys.game,
            "points": judged_points(scenario),
            "attackers": {name: {"spec": spec(player), "code": whom[name]} for name, player in attackers.items()},
            "defenders": {name: {"spec": spec(player), "code": who[name]} for name, player in defenders.items()},
            "seeds": list(seeds),
        }
        store.begin(scenario.name, about, seats)
        if retry:
            store.forget(OF_THE_MACHINE)

    def missing(self) -> dict[Row, list[str]]:
        """What the plan asks for and the run does not hold."""
        rows: dict[Row, list[str]] = {}
        for seat in self._store.missing():
            rows.setdefault((seat.defender, seat.seed), []).append(seat.attacker)
        return rows

    def opening(self, row: Row) -> Opening | None:
        """A training that was kept."""
        key = self._trainings[row]
        move = kept(self._store.network(key), self._defenders[row[0]])
        return None if move is None else Opening(move, self._store.seconds(key) or 0.0)

    def opened(self, row: Row, opening: Opening) -> None:
        """Keep the network, if it can be, and the time."""
        keep(opening.move, self._store.network(self._trainings[row]), self._defenders[row[0]])
        self._store.trained(self._trainings[row], opening.seconds)

    def played(self, attacker: str, row: Row, match: Played) -> None:
        """Keep the attacked rows, then the records: a match that is there is there with its rows."""
        key = self._matches[attacker, *row]
        if match.examples:
            path = self._store.examples(key)
            path.parent.mkdir(exist_ok=True)
            write_arrays(path, match.examples)
        self._store.add(key, match.records, match.seconds)

    def table(self) -> ResultsTable:
        """What the run holds of the plan."""
        self._store.flush()
        return self._store.table()


def judged_points(scenario: Any) -> str | None:
    """A digest of the points that are judged, where the scenario deals them: runs that share it can be compared in pairs."""
    deal = getattr(scenario, "deal", None)
    return digest(*(part for field in deal.fields for part in (field.x.tobytes(), field.y.tobytes()))) if deal else None
