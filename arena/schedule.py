"""The order of a tournament's jobs: a training first, then every match on it; and what is told and kept as they end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import deepcopy
from itertools import islice
from typing import Protocol

from arena.jobs.runner import Failure, Runner, Shared
from arena.keeping.book import Book, Played, Row
from arena.match import Opening, Outcome, open_match, play
from arena.players import AnyAttacker, Defender
from arena.scenario import Scenario
from results import Record

ROWS_AT_ONCE = 64  # trainings kept in memory while their matches are played


class Observer(Protocol):
    """Is told what a tournament has finished, as it finishes."""

    def opened(self, defender: str, seed: int, opening: Opening | None) -> None:
        """A defender is trained, for all attackers at once; None where it moves after the attacker, or failed."""

    def played(self, records: tuple[Record, ...]) -> None:
        """A match has ended, well or as a forfeit."""


class Schedule:
    """Rows in order, a bounded number at once: a training first, then every missing match on it."""

    def __init__(
        self,
        scenario: Scenario,
        attackers: Mapping[str, AnyAttacker],
        defenders: Mapping[str, Defender],
        book: Book,
        observer: Observer | None,
        running: Runner,
        examples: bool,
    ) -> None:
        self._attackers, self._defenders, self._book, self._running = attackers, defenders, book, running
        self._name, self._shared, self._observer, self._examples = scenario.name, Shared(scenario), observer, examples

    def play(self, missing: Mapping[Row, list[str]]) -> None:
        """Open rows, play them, keep what comes."""
        rows = iter(missing.items())
        left: dict[Row, int] = {}
        for row, attackers in islice(rows, ROWS_AT_ONCE):
            left[row] = len(attackers)
            self._open(row, attackers)
        for (attacker, row), ended in self._running.completed():
            if attacker is None:
                self._opened(row, missing[row], ended)
                done = len(missing[row]) if isinstance(ended, Failure) else 0
            else:
                self._played(attacker, row, ended)
                done = 1
            left[row] -= done
            if not left[row]:
                del left[row]
                for following, attackers in islice(rows, 1):
                    left[following] = len(attackers)
                    self._open(following, attackers)

    def _open(self, row: Row, attackers: list[str]) -> None:
        known = self._book.opening(row)
        if known is None:
            self._running.submit((None, row), _open, self._shared, self._defenders[row[0]], row[1])
        else:
            self._against(row, attackers, known)

    def _opened(self, row: Row, attackers: list[str], ended: Opening | Failure | None) -> None:
        if isinstance(ended, Opening):
            self._book.opened(row, ended)
        if isinstance(ended, Failure):
            self._tell(row, None)
            for attacker in attackers:
                self._played(attacker, row, ended)
        else:
            self._against(row, attackers, ended)

    def _against(self, row: Row, attackers: list[str], opening: Opening | None) -> None:
        self._tell(row, opening)
        shared, defender = Shared(opening), (row[0], self._defenders[row[0]])
        for a in attackers:
            arguments = ((a, self._attackers[a]), defender, row[1], shared, self._examples)
            self._running.submit((a, row), _match, self._shared, *arguments)

    def _played(self, attacker: str, row: Row, ended: Played | Failure) -> None:
        match = ended if isinstance(ended, Played) else Played((_lost(self._name, attacker, row, ended),))
        self._book.played(attacker, row, match)
        if self._observer:
            self._observer.played(match.records)

    def _tell(self, row: Row, opening: Opening | None) -> None:
        if self._observer:
            self._observer.opened(*row, opening)


def _open(scenario: Shared[Scenario], defender: Defender, seed: int) -> Opening | None:
    return open_match(scenario.value, defender, seed)


def _match(
    scenario: Shared[Scenario],
    attacker: tuple[str, AnyAttacker],
    defender: tuple[str, Defender],
    seed: int,
    opening: Shared[Opening | None],
    examples: bool,
) -> Played:
    # What one match leaves behind no other finds, in one process too.
    own, player = deepcopy(opening.value), deepcopy(attacker[1])
    started = time.perf_counter()
    outcome = play(scenario.value, player, defender[1], seed=seed, opening=own)
    seconds = time.perf_counter() - started
    rows = {f"x{i}": r.answer.x for i, r in enumerate(outcome.rounds)} if examples else None
    return Played(records_of(outcome, scenario.value.name, attacker[0], defender[0], seed), seconds, rows)


def records_of(outcome: Outcome, scenario: str, attacker: str, defender: str, seed: int) -> tuple[Record, ...]:
    """The rows of one match, a round each."""
    return tuple(
        Record.of(
            scenario=scenario,
            attacker=attacker,
            defender=defender,
            seed=seed,
            round=i,
            clean=r.clean,
            attacked=r.attacked,
            queries=r.queries,
            extras=r.extras,
        )
        for i, r in enumerate(outcome.rounds)
    )


def _lost(scenario: str, attacker: str, row: Row, failure: Failure) -> Record:
    reason = f"{failure.kind}: {failure.text}"
    return Record(scenario=scenario, attacker=attacker, defender=row[0], seed=row[1], forfeit=reason)
