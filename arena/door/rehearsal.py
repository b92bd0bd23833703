"""The plan of a tournament before it is played: matches, trainings shared, and about how long, from a small probe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from arena.contest import checked
from arena.door.settings import Settings
from arena.door.tournament import folder_of
from arena.engine.threads import cores
from arena.match import Opening, open_match, play
from arena.players import AnyAttacker, Defender
from results import Store, StoreError

SHARE = 0.1  # of the training rows and of the test points, for the probe


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
        return "\n".join(
            [*lines, "time       unknown: the scenario has no `points` and `train` to make a small probe with"]
        )
    seconds = len(seeds) * _seconds(small, attackers, defenders)
    workers = wanted.workers or cores()
    return "\n".join(
        [*lines, f"time       about {seconds / workers:.0f} s on {workers} processes, {seconds:.0f} s on one"]
    )


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


def _seconds(small: Any, attackers: Mapping[str, AnyAttacker], defenders: Mapping[str, Defender]) -> float:
    """One seed in full size: every training, and every attack on the first defender's model, as long on all others."""
    trainings, openings = zip(*(_timed(open_match, small, defender) for defender in defenders.values()), strict=True)
    first: Opening | None = openings[0]
    player = next(iter(defenders.values()))
    attacks = [_timed(play, small, attacker, player, opening=first)[0] for attacker in attackers.values()]
    return float(sum(trainings) + len(defenders) * sum(attacks)) / SHARE


def _timed(work: Any, *given: Any, **named: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    try:
        result = work(*given, **named)
    except Exception:  # a forfeit takes its time too
        result = None
    return time.perf_counter() - started, result
