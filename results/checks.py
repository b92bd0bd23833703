"""The checks behind the masking report: each looks at rounds already indexed and yields flags, or why it cannot tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from results.flags import COVERING, RADIUS, ZERO, Flag
from results.intervals import crossed
from results.packing import Hits
from results.paired import Drop, paired_drop
from results.rounds import Round

Found = Iterator[Flag | str]  # a sentence says what could not be judged

LEVEL = 0.05
ONE_SEED = "the tables hold different trainings of a single seed; play two seeds or more, or the same training"


def beaten(name: str, white: Round, black: Round, blind: Collection[str]) -> Found:
    """Flag a defender whose worst case over the black-box attackers is lower than over the white-box ones.

    The attackers of `white` that are in `blind` do not count.
    """
    for defender in dict.fromkeys((*white.defenders, *black.defenders)):
        seeing = [attacker for attacker in white.opponents(defender) if attacker not in blind]
        others = black.opponents(defender)
        same = _same_networks(defender, white, black)
        if not seeing or not others:
            yield f"{defender}: no result against a {'black' if seeing else 'white'}-box attacker"
        elif not same and len(white.seeds) == 1:
            yield f"{defender}: {ONE_SEED}"
        else:
            drop = paired_drop(_worst(white, defender, seeing), _worst(black, defender, others), same=same)
            if drop.p < LEVEL:
                yield Flag.of(name, defender, _says(drop, _under(seeing), _under(others), white.points, same))


def shrinking(rounds: Mapping[float, Round]) -> Found:
    """Flag a defender that is surely more accurate at some radius than at a smaller one, after Bonferroni's correction.

    The worst case at each radius is over the attackers with a result at all of them; `rounds` rises by radius.
    """
    for defender in dict.fromkeys(name for played in rounds.values() for name in played.defenders):
        everywhere = [set(played.opponents(defender)) for played in rounds.values()]
        shared = [name for name in next(iter(rounds.values())).attackers if all(name in met for met in everywhere)]
        seeds = len(next(iter(rounds.values())).seeds)
        same = _same_networks(defender, *rounds.values())
        if not shared:
            yield f"{defender}: no attacker has a result at every radius"
        elif not same and seeds == 1:
            yield f"{defender}: {ONE_SEED}"
        else:
            yield from _clearest_rise(defender, rounds, shared, same)


def above_chance(played: Round, chance: float) -> Found:
    """Flag a defender that is surely more accurate than chance where the attackers may go anywhere in the box."""
    for defender in played.defenders:
        attackers = played.opponents(defender)
        if not attackers:
            yield f"{defender}: no result at the radius that covers the box"
            continue
        accuracy = crossed(_worst(played, defender, attackers))
        if accuracy.low > chance:
            bounds = f"95 % interval {100 * accuracy.low:.1f}–{100 * accuracy.high:.1f}"
            numbers = f"accuracy {_percent(accuracy.estimate)} ({bounds}) {_under(attackers)}"
            yield Flag.of(COVERING, defender, f"{numbers}, where chance is {_percent(chance)}")


def flat(shares: Mapping[str, float]) -> Found:
    """Flag a defender with a gradient of exactly zero at some clean points."""
    for defender, share in shares.items():
        if share > 0:
            yield Flag.of(ZERO, defender, f"at {_percent(share)} of the clean points the gradient is exactly zero")


def _clearest_rise(defender: str, rounds: Mapping[float, Round], attackers: Sequence[str], same: bool) -> Found:
    left = {radius: _worst(played, defender, attackers) for radius, played in rounds.items()}
    pairs = list(combinations(left, 2))
    drops = {(small, large): paired_drop(left[large], left[small], same=same) for small, large in pairs}
    (small, large), clearest = min(drops.items(), key=lambda item: item[1].p)
    if clearest.p * len(pairs) < LEVEL:
        here, there = f"at radius {large:g} {_under(attackers)}", f"at radius {small:g}"
        points = next(iter(rounds.values())).points
        yield Flag.of(RADIUS, defender, _says(clearest, here, there, points, same, len(pairs)))


def _worst(played: Round, defender: str, attackers: Sequence[str]) -> Hits:
    return np.logical_and.reduce([played.attacked(attacker, defender) for attacker in attackers])


def _same_networks(defender: str, first: Round, *others: Round) -> bool:
    """Whether the same clean points are read right everywhere, which networks trained anew hardly ever do."""
    return all(np.array_equal(first.clean(defender), other.clean(defender)) for other in others)


def _says(drop: Drop, before: str, after: str, points: int, same: bool, tests: int = 1) -> str:
    apart = "" if same else " over trainings that differ"
    correction = f", the smallest of {tests}" if tests > 1 else ""
    return (
        f"accuracy {_percent(drop.before)} {before}, but {_percent(drop.after)} {after}; of {points} points "
        f"{drop.fell} stand more often in the first case, {drop.rose} in the second (p = {drop.p:.1g}{correction}{apart})"
    )


def _under(attackers: Sequence[str]) -> str:
    return f"under {', '.join(attackers)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
