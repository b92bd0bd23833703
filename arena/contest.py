"""The tournament: every attacker against every defender at every seed, to a results table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import nullcontext

from arena.checks import flag, positive, whole
from arena.engine.threads import cores
from arena.errors import InvalidValue
from arena.jobs.elsewhere import Elsewhere
from arena.jobs.runner import Runner, runner
from arena.keeping.book import Book, Pages, Stored
from arena.players import AnyAttacker, Defender, seat, spec, taught
from arena.scenario import Scenario
from arena.schedule import Observer, Schedule
from results import ResultsTable, StoreWriter


def tournament(
    scenario: Scenario,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    *,
    seeds: Iterable[int] = range(3),
    workers: int | None = None,
    observer: Observer | None = None,
    store: StoreWriter | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    memory_limit: float | None = None,
    examples: bool = False,
    retry: bool = False,
    running: Runner | None = None,
) -> ResultsTable:
    """Play all against all, on every core unless `workers` says otherwise; the table is the same for any number.

    A defender that moves before it has seen an attacker is trained once a seed. A player that breaks a rule or crashes
    forfeits its own matches: they are rows that give the reason; so does a match or a training that exceeds `time_limit`
    seconds or `memory_limit` MB. With a `store`, what it holds is not played again, unless the machine broke it off and
    `retry` is true, and `examples` keeps the attacked rows. An `executor` plays elsewhere, on `workers` workers; a runner that
    is `running` already is used as it is, and stays open. Raises Mismatch or InvalidValue before the first match.
    """
    seeds = checked(scenario, attackers, defenders, seeds)
    workers = cores() if workers is None else workers
    whole("workers", workers)
    flag("examples", examples)
    flag("retry", retry)
    _limits(time_limit, memory_limit, executor)
    book: Book = Pages(list(attackers), list(defenders), seeds)
    if store:
        book = Stored(store, scenario, attackers, defenders, seeds, retry)
    missing = book.missing()
    if missing:
        jobs = sum(map(len, missing.values()))
        limits = {"time_limit": time_limit, "memory_limit": memory_limit}
        own = Elsewhere(executor, workers) if executor else runner(min(workers, jobs), **limits)
        with nullcontext(running) if running else own as chosen:
            Schedule(scenario, attackers, defenders, book, observer, chosen, examples).play(missing)
    return book.table()


def _limits(time_limit: float | None, memory_limit: float | None, executor: Executor | None) -> None:
    for name, limit in (("time_limit", time_limit), ("memory_limit", memory_limit)):
        if limit is not None:
            positive(name, limit)
            if executor:
                raise InvalidValue(
                    f"{name} is for local processes: set limits where the executor's workers are started"
                )


def checked(
    scenario: Scenario, attackers: Mapping[str, AnyAttacker], defenders: Mapping[str, Defender], seeds: Iterable[int]
) -> list[int]:
    """The seeds in order; Mismatch or InvalidValue where a tournament of these cannot be played."""
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
        seat(defender, taught(scenario), scenario.name)
        spec(defender)
    scenario.content()  # loads the data: a bad file is an error here, not a forfeit later
    return sorted(listed)
