"""Two runs side by side: who joined, who left, whose code changed, and which accuracies moved over the same test points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from results.records.packing import Hits
from results.statistics.variance import satterthwaite, variances
from results.storage.schema import StoreError
from results.storage.store import Plan, Store
from results.tables.columns import Block, lined_up
from results.tables.outcomes import Outcomes


def comparison(first: Store, second: Store) -> str:
    """The latest plans of two runs: players first, then each pair of players whose accuracy changed."""
    before, after = (_latest(store) for store in (first, second))
    lines = [line for group in ("attackers", "defenders") for line in _players(group, before.about, after.about)]
    if before.about["scenario"] != after.about["scenario"]:
        lines += [f"scenario   {before.about['scenario']}", f"       now {after.about['scenario']}"]
    if before.about["points"] is None or before.about["points"] != after.about["points"]:
        return "\n".join([*lines, "the runs are judged by different test points: no accuracies can be paired"])
    shared, moved = _moved(first.outcomes(), second.outcomes())
    if moved:
        header: list[Block] = [
            (word,) for word in ("attacker, defender", "before", "after", "change", "95 % interval", "seeds")
        ]
        lines += lined_up(header, moved, [0])
    count = f"{len(moved)} of {shared} shared pairs changed"
    return "\n".join([*lines, f"{count}; in % of test points, paired by point and seed"])


def change(before: Hits, after: Hits, level: float = 0.95) -> tuple[float, float, float]:
    """Mean change of outcomes (seeds, points) with its interval: points and seeds are both samples, paired.

    Student's, from the variance of the points' mean changes and that of the seeds', with Satterthwaite's degrees of freedom.
    One seed shows nothing of the error between seeds.
    """
    from scipy.special import stdtrit

    moved = after.astype(np.float64) - before
    both = variances(moved, moved.mean(axis=1))
    freedom = satterthwaite(both, (moved.shape[1] - 1, len(moved) - 1))
    half = float(stdtrit(freedom, (1 + level) / 2)) * sum(both) ** 0.5
    mean = float(moved.mean())
    return mean, max(mean - half, -1.0), min(mean + half, 1.0)


def _latest(store: Store) -> Plan:
    plans = store.plans()
    if not plans:
        raise StoreError(f"{store.folder} holds no plan yet")
    return plans[0]


def _players(group: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before[group], after[group]
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield f"{group[:-1]:<10} {name} left"
        elif name not in old:
            yield f"{group[:-1]:<10} {name} joined: {new[name]['spec']}"
        elif old[name]["spec"] != new[name]["spec"]:
            yield f"{group[:-1]:<10} {name} was {old[name]['spec']}\n{'':<10} {name} is {new[name]['spec']}"
        elif old[name]["code"] != new[name]["code"]:
            yield f"{group[:-1]:<10} {name}: its code changed"


def _moved(before: Outcomes, after: Outcomes) -> tuple[int, list[list[Block]]]:
    """How many pairs of players both runs played, and a row for each whose outcomes differ."""
    shared, rows = 0, []
    for attacker in (name for name in before.attackers if name in after.attackers):
        for defender in (name for name in before.defenders if name in after.defenders):
            old, new = (_seeds(outcomes, attacker, defender) for outcomes in (before, after))
            both = sorted(old.keys() & new.keys())
            if not both:
                continue
            shared += 1
            was, now = (np.stack([side[seed] for seed in both]) for side in (old, new))
            if not np.array_equal(was, now):
                rows.append(_row(f"{attacker}, {defender}", was, now))
    return shared, rows


def _seeds(outcomes: Outcomes, attacker: str, defender: str) -> dict[int, Hits]:
    i, j = outcomes.attackers.index(attacker), outcomes.defenders.index(defender)
    return {seed: outcomes.attacked[i, j, k] for k, seed in enumerate(outcomes.seeds) if outcomes.played[i, j, k]}


def _row(label: str, was: Hits, now: Hits) -> list[Block]:
    mean, low, high = (100 * value for value in change(was, now))
    cells = (f"{100 * was.mean():.1f}", f"{100 * now.mean():.1f}", f"{mean:+.1f}", f"{low:+.1f} … {high:+.1f}")
    return [(label,), *((cell,) for cell in cells), (str(len(was)),)]
