"""The tournament: every attacker against every defender at every seed, to a results table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Protocol

from arena.checks import whole
from arena.engine.threads import cores
from arena.errors import InvalidValue
from arena.match import Opening, Outcome, open_match, play
from arena.players import AnyAttacker, Defender, seat, spec
from arena.running import Failure, runner
from arena.scenario import Scenario
from arena.views import DefenderView
from results import Record, ResultsTable


class Observer(Protocol):
    """Is told what a tournament has finished, as it finishes."""

    def opened(self, defender: str, seed: int, opening: Opening | None) -> None:
        """A defender is trained, for all attackers at once; None where it moves after the attacker, or failed."""

    def played(self, records: tuple[Record, ...]) -> None:
        """A match has ended, well or as a forfeit."""


def tournament(
    scenario: Scenario,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    *,
    seeds: Iterable[int] = range(3),
    workers: int | None = None,
    observer: Observer | None = None,
) -> ResultsTable:
    """Play all against all, on every core unless `workers` says otherwise; the table is the same for any number.

    A defender that moves before it has seen an attacker is trained once a seed. A player that breaks a rule or crashes
    forfeits its own matches: they are rows that give the reason. Raises Mismatch or InvalidValue before the first match.
    """
    seeds = _checked(scenario, attackers, defenders, seeds)
    workers = cores() if workers is None else workers
    whole("workers", workers)
    records: list[Record] = []
    seconds: dict[tuple[str, int], float] = {}

    with runner(min(workers, len(defenders) * len(seeds) * len(attackers))) as running:
        for name, defender in defenders.items():
            for seed in seeds:
                running.submit((None, name, seed), open_match, scenario, defender, seed)
        for (attacker, name, seed), ended in running.completed():
            if attacker is not None:
                played = ended if isinstance(ended, tuple) else (_lost(scenario, attacker, name, seed, ended),)
            elif isinstance(ended, Failure):
                played = tuple(_lost(scenario, a, name, seed, ended) for a in attackers)
            else:
                played = ()
                if ended is not None:
                    seconds[name, seed] = ended.seconds
                for a, player in attackers.items():
                    running.submit((a, name, seed), _match, scenario, (a, player), (name, defenders[name]), seed, ended)
            records += played
            if observer and attacker is None:
                observer.opened(name, seed, ended if isinstance(ended, Opening) else None)
            if observer and played:
                observer.played(played)
    return ResultsTable(tuple(sorted(records, key=_order(attackers, defenders))), seconds)


def _match(
    scenario: Scenario,
    attacker: tuple[str, AnyAttacker],
    defender: tuple[str, Defender],
    seed: int,
    opening: Opening | None,
) -> tuple[Record, ...]:
    own, player = (
        deepcopy(opening),
        deepcopy(attacker[1]),
    )  # what one match leaves behind no other finds, in one process too
    outcome = play(scenario, player, defender[1], seed=seed, opening=own)
    return records_of(outcome, scenario.name, attacker[0], defender[0], seed)


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


def _lost(scenario: Scenario, attacker: str, defender: str, seed: int, failure: Failure) -> Record:
    reason = f"{failure.kind}: {failure.text}"
    return Record(scenario=scenario.name, attacker=attacker, defender=defender, seed=seed, forfeit=reason)


def _checked(
    scenario: Scenario, attackers: Mapping[str, AnyAttacker], defenders: Mapping[str, Defender], seeds: Iterable[int]
) -> list[int]:
    if not isinstance(seeds, Iterable) or not (isinstance(attackers, Mapping) and isinstance(defenders, Mapping)):
        raise InvalidValue(
            'players come as a mapping of names, as in {"pgd": PGD()}, and seeds as several, as in range(3)'
        )
    listed = list(dict.fromkeys(seeds))
    for label in (*attackers, *defenders):
        if not isinstance(label, str) or not label or not label.isprintable():
            raise InvalidValue(f"a player's name is one line of printable text; got {label!r}")
    for name, given in (("attackers", attackers), ("defenders", defenders), ("seeds", listed)):
        if not given:
            raise InvalidValue(f"a tournament needs at least one of its {name}; got none")
    for seed in listed:
        whole("seed", seed, least=0)
    for player in attackers.values():
        seat(player, scenario.shows, scenario.name)
        spec(player)
    for defender in defenders.values():
        seat(defender, DefenderView, scenario.name)
        spec(defender)
    scenario.content()  # loads the data: a bad file is an error here, not a forfeit later
    return listed


def _order(attackers: Iterable[str], defenders: Iterable[str]) -> Any:
    rows, columns = list(attackers), list(defenders)
    return lambda r: (rows.index(r.attacker), columns.index(r.defender), r.seed, r.round)
