"""The checks behind the masking report: each judges every defender of rounds already indexed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np

from results.masking.flags import COVERING, RADIUS, ZERO, Flag
from results.records.packing import Hits
from results.statistics.intervals import crossed
from results.statistics.paired import Drop, paired_drop
from results.tables.rounds import Round

Verdict = Flag | str | None  # None: nothing found; a text: why it cannot be told
Verdicts = dict[str, Verdict]  # by defender

LEVEL = 0.05
ONE_SEED = "the tables hold different trainings of a single seed; play more seeds, or the same training"


def beaten(name: str, white: Round, black: Round, blind: Collection[str]) -> Verdicts:
    """Flag a defender whose worst case over the black-box attackers is surely lower than over the white-box ones.

    The attackers of `white` that are in `blind` do not count.
    """

    def judged(defender: str) -> Verdict:
        seeing = [attacker for attacker in white.opponents(defender) if attacker not in blind]
        others = black.opponents(defender)
        if not seeing or not others:
            return f"no result against a {'black' if seeing else 'white'}-box attacker"
        same = _same_networks(defender, white, black)
        if not same and len(white.seeds) == 1:
            return ONE_SEED
        drop = paired_drop(_worst(white, defender, seeing), _worst(black, defender, others), same=same)
        return Flag.of(name, defender, _says(drop, _under(seeing), _under(others), same)) if drop.p < LEVEL else None

    return {defender: judged(defender) for defender in _defenders(white, black)}


def shrinking(rounds: Mapping[float, Round]) -> Verdicts:
    """Flag a defender that is surely more accurate at some radius than at a smaller one; `rounds` rises by radius.

    The worst case at each radius is over the attackers with a result at all of them; Bonferroni's correction is for the
    pairs of radii.
    """

    def judged(defender: str) -> Verdict:
        first, *rest = rounds.values()
        attackers = [name for name in first.opponents(defender) if all(name in r.opponents(defender) for r in rest)]
        if not attackers:
            return "no attacker has a result at every radius"
        same = _same_networks(defender, first, *rest)
        if not same and len(first.seeds) == 1:
            return ONE_SEED
        return _clearest_rise(defender, rounds, attackers, same)

    return {defender: judged(defender) for defender in _defenders(*rounds.values())}


def above_chance(played: Round, chance: float) -> Verdicts:
    """Flag a defender that is surely more accurate than chance where the attackers may go anywhere in the box."""

    def judged(defender: str) -> Verdict:
        attackers = played.opponents(defender)
        if not attackers:
            return "no result at the radius that covers the box"
        accuracy = crossed(_worst(played, defender, attackers))
        bounds = f"95 % interval {100 * accuracy.low:.1f}–{100 * accuracy.high:.1f}"
        numbers = f"accuracy {_percent(accuracy.estimate)} ({bounds}) {_under(attackers)}"
        flag = Flag.of(COVERING, defender, f"{numbers}, where chance is {_percent(chance)}")
        return flag if accuracy.low > chance else None

    return {defender: judged(defender) for defender in played.defenders}


def flat(shares: Mapping[str, float]) -> Verdicts:
    """Flag a defender with a gradient of exactly zero at some clean points."""
    text = "at {} of the clean points the gradient is exactly zero"
    return {name: Flag.of(ZERO, name, text.format(_percent(s))) if s > 0 else None for name, s in shares.items()}


def _clearest_rise(defender: str, rounds: Mapping[float, Round], attackers: Sequence[str], same: bool) -> Flag | None:
    left = {radius: _worst(played, defender, attackers) for radius, played in rounds.items()}
    pairs = list(combinations(left, 2))
    drops = {
        (small, large): paired_drop(left[large], left[small], same=same, tests=len(pairs)) for small, large in pairs
    }
    (small, large), drop = min(drops.items(), key=lambda item: item[1].p)
    here, there = f"at radius {large:g} {_under(attackers)}", f"at radius {small:g}"
    return Flag.of(RADIUS, defender, _says(drop, here, there, same)) if drop.p < LEVEL else None


def _defenders(*rounds: Round) -> tuple[str, ...]:
    return tuple(dict.fromkeys(defender for played in rounds for defender in played.defenders))


def _worst(played: Round, defender: str, attackers: Sequence[str]) -> Hits:
    return np.logical_and.reduce([played.attacked(attacker, defender) for attacker in attackers])


def _same_networks(defender: str, first: Round, *others: Round) -> bool:
    """Whether the same clean points are read right everywhere, which networks trained anew hardly ever do."""
    return all(np.array_equal(first.clean(defender), other.clean(defender)) for other in others)


def _says(drop: Drop, before: str, after: str, same: bool) -> str:
    numbers = f"accuracy {_percent(drop.before)} {before}, but {_percent(drop.after)} {after}"
    points = f"{drop.fell} of {drop.points} points stand more often in the former, {drop.rose} in the latter"
    chance = f"p = {drop.p:.1g}" if drop.p else "p < 1e-300"
    return f"{numbers}; {points} ({chance}{'' if same else ', over trainings that differ'})"


def _under(attackers: Sequence[str]) -> str:
    return f"under {', '.join(attackers)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
