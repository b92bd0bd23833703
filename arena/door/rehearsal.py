"""The plan of a tournament before it is played: matches, trainings shared, and about how long, from a small probe."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from math import inf
from typing import Any, TypeAlias

from arena.contest import checked
from arena.door.settings import Settings
from arena.door.tournament import folder_of
from arena.engine.threads import cores
from arena.jobs.runner import Failure, Runner, runner
from arena.match import Opening, open_match, play
from arena.players import AnyAttacker, Defender
from results import Store, StoreError

SHARE = 0.1  # of the training rows and of the test points, for the probe
PATIENCE = 60.0  # seconds for each training and match of the probe, where the run has no limit of its own
Probed: TypeAlias = tuple[float, Any]  # seconds, and what is left of it


def rehearse(
    wanted: Settings, scenario: Any, attackers: Mapping[str, AnyAttacker], defenders: Mapping[str, Defender]
) -> str:
    """The plan as text."""
    seeds = checked(scenario, attackers, defenders, wanted.seeds)
    pairs, folder = len(defenders) * len(seeds), folder_of(wanted.out, scenario)
    lines = [
        f"{len(attackers)} attackers × {len(defenders)} defenders × {len(seeds)} seeds: {pairs * len(attackers)} matches",
        f"attackers  {', '.join(attackers)}",
        f"defenders  {', '.join(defenders)}",
        f"trainings  {pairs}, each shared by {len(attackers)} matches",
        f"run folder {folder}: {_stored(folder)}",
    ]
    small = _small(scenario)
    if small is None:
        return "\n".join([*lines, "time       unknown: the scenario has no `points` and `train` to make a probe with"])
    return "\n".join([*lines, *_estimate(small, attackers, defenders, len(seeds), wanted)])


def _estimate(
    small: Any, attackers: Mapping[str, AnyAttacker], defenders: Mapping[str, Defender], seeds: int, wanted: Settings
) -> list[str]:
    """About how long it takes, and who did not come to an end: every training, every attack on one defender's model."""
    patience, workers = wanted.time_limit or PATIENCE, wanted.workers or cores()
    with runner(1, time_limit=patience, memory_limit=wanted.memory_limit) as running:
        trained = _ended(running, {name: (_train, small, player) for name, player in defenders.items()}, patience)
        name = next((name for name, (_, found) in trained.items() if not isinstance(found, Failure)), None)
        model = (defenders[name], trained[name][1]) if name else None
        attacks = {name: (_attack, small, player, *model) for name, player in attackers.items()} if model else {}
        attacked = _ended(running, attacks, patience)

    def whole(found: Mapping[str, Probed]) -> float:
        return sum(min(seconds / SHARE, wanted.time_limit or inf) for seconds, _ in found.values())

    seconds = seeds * (whole(trained) + len(defenders) * whole(attacked))
    probed = [*trained.items(), *attacked.items()]
    lost = [f"lost       {name}: {found.text}" for name, (_, found) in probed if isinstance(found, Failure)]
    unknown = bool(lost) and wanted.time_limit is None
    way = ["           --time-limit SECONDS makes what does not end a row with its reason"] if unknown else []
    about = "at least" if unknown else "about"
    return [*lost, *way, f"time       {about} {seconds / workers:.0f} s on {workers} processes, {seconds:.0f} s on one"]


def _ended(running: Runner, jobs: Mapping[str, tuple[Any, ...]], patience: float) -> dict[str, Probed]:
    """How long each job took, and what it left or how it failed."""
    for name, (job, *given) in jobs.items():
        running.submit(name, job, *given)
    ended = dict(running.completed())
    return {name: (patience, ended[name]) if isinstance(ended[name], Failure) else ended[name] for name in jobs}


def _stored(folder: Any) -> str:
    try:
        with Store.open(folder) as store:
            plans = store.plans()
            return f"holds {len(plans)} plans; what it has of this one is not played again"
    except StoreError:
        return "new"


def _small(scenario: Any) -> Any:
    if not {"points", "train"} <= {field.name for field in fields(scenario)}:
        return None
    rows, points = len(scenario.deal.train), sum(map(len, scenario.deal.fields))
    return replace(scenario, points=max(round(SHARE * points), scenario.rounds), train=max(round(SHARE * rows), 20))


def _train(small: Any, defender: Defender) -> Probed:
    return _timed(lambda: open_match(small, defender))


def _attack(small: Any, attacker: AnyAttacker, defender: Defender, opening: Opening | None) -> Probed:
    return _timed(lambda: play(small, attacker, defender, opening=opening))[0], None


def _timed(work: Callable[[], Any]) -> Probed:
    started = time.perf_counter()
    try:
        result = work()
    except MemoryError:
        raise
    except Exception:  # a forfeit takes its time too
        result = None
    return time.perf_counter() - started, result
