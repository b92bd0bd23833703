"""One round of a tournament, indexed by who met whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from results.game.payoffs import Information, Matrix, Payoff, complete_part
from results.records.packing import Counts, Hits, unpack_rows
from results.records.record import Record

Key = tuple[str, str, int]
NOT_PLAYED = "not played"


@dataclass(frozen=True)
class Round:
    """The matches of one scenario as they stood in one round; a match forfeited in an earlier round stays forfeited.

    `met` holds the record of each (attacker, defender, seed) that was played or forfeited; `points` is the number of
    test points that all played matches share, 0 if none was played.
    """

    scenario: str
    number: int
    attackers: tuple[str, ...]
    defenders: tuple[str, ...]
    seeds: tuple[int, ...]
    points: int
    met: Mapping[Key, Record]

    def lacking(self, attacker: str, defender: str) -> dict[str, list[int]]:
        """Name the seeds at which this pair has no result, by the reason; empty if every seed was played."""
        reasons: dict[str, list[int]] = {}
        for seed in self.seeds:
            record = self.met.get((attacker, defender, seed))
            if record is None or record.forfeit:
                reasons.setdefault(record.forfeit if record else NOT_PLAYED, []).append(seed)
        return reasons

    def attacked(self, attacker: str, defender: str) -> Hits:
        """Which points stay right under attack: shape (seeds, points), for a pair with a result."""
        return unpack_rows([self.met[attacker, defender, seed].attacked_hits for seed in self.seeds], self.points)

    def right(self, attacker: str, defender: str) -> Hits:
        """Which points are right before this attack: shape (seeds, points), for a pair with a result."""
        return unpack_rows([self.met[attacker, defender, seed].clean_hits for seed in self.seeds], self.points)

    def queries(self, attacker: str, defender: str) -> Counts:
        """The queries about each point: (seeds, points), or (0, 0) where they were not counted at every seed."""
        counts = [self.met[attacker, defender, seed].query_counts for seed in self.seeds]
        return np.stack(counts) if all(count.size for count in counts) else np.zeros((0, 0), dtype=np.int64)

    def clean(self, defender: str) -> Matrix:
        """How often each point is right before the attack, over the opponents: (seeds, points) or, if none, (0, 0)."""
        pairs = [self.right(name, defender) for name in self.opponents(defender)]
        return np.mean(pairs, axis=0) if pairs else np.zeros((0, 0))

    def worst(self, defender: str) -> Hits:
        """Which points stay right under every attacker: shape (seeds, points), (0, 0) if none has a result."""
        cells = [self.attacked(attacker, defender) for attacker in self.opponents(defender)]
        return np.logical_and.reduce(cells) if cells else np.zeros((0, 0), dtype=np.bool_)

    def opponents(self, defender: str) -> tuple[str, ...]:
        """List the attackers with a result against this defender."""
        return tuple(attacker for attacker in self.attackers if (attacker, defender) in self._complete)

    @cached_property
    def _complete(self) -> frozenset[tuple[str, str]]:
        """The pairs with a result at every seed."""
        played = Counter((attacker, name) for (attacker, name, _), record in self.met.items() if not record.forfeit)
        return frozenset(pair for pair, count in played.items() if count == len(self.seeds))

    def payoff(self, information: Information | None = None) -> Payoff:
        """Share of points that each defender lost to each attacker, mean over seeds, where all have results."""
        lost = {
            pair: ~self.attacked(*pair) for pair in product(self.attackers, self.defenders) if pair in self._complete
        }
        matrix = np.full((len(self.attackers), len(self.defenders)), np.nan)
        for (i, attacker), (j, defender) in product(enumerate(self.attackers), enumerate(self.defenders)):
            if (attacker, defender) in lost:
                matrix[i, j] = lost[attacker, defender].mean()
        whole = complete_part(Payoff(matrix, self.attackers, self.defenders))
        kept = [[lost[attacker, name] for name in whole.defenders] for attacker in whole.attackers]
        return replace(whole, information=information, losses=np.array(kept) if whole.matrix.size else None)


def round_of(records: Iterable[Record], number: int | None = None) -> Round:
    """Index one round of the records of one scenario, by default the last.

    Raises ValueError for no records, for several scenarios, for a round that was not played, and for matches of
    different numbers of test points, which no table can average.
    """
    records = tuple(records)
    number = _known_round(records, number)
    earlier = [record for record in records if record.forfeit and record.round < number]
    now = [record for record in records if record.round == number]
    return Round(
        scenario=_only_scenario(records),
        number=number,
        attackers=tuple(dict.fromkeys(record.attacker for record in records)),
        defenders=tuple(dict.fromkeys(record.defender for record in records)),
        seeds=tuple(sorted({record.seed for record in records})),
        points=_shared_points(now),
        met={(record.attacker, record.defender, record.seed): record for record in [*earlier, *now]},
    )


def _known_round(records: tuple[Record, ...], number: int | None) -> int:
    rounds = sorted({record.round for record in records})
    if not rounds:
        raise ValueError("records: a round needs at least one record; but this table is empty; check the file")
    if number is not None and number not in rounds:
        raise ValueError(f"round: one of {rounds}, not {number}")
    return rounds[-1] if number is None else number


def _only_scenario(records: tuple[Record, ...]) -> str:
    scenarios = sorted({record.scenario for record in records})
    if len(scenarios) > 1:
        raise ValueError(f"scenario: a grid shows one, here are {scenarios}; choose with where(scenario=...)")
    return scenarios[0]


def _shared_points(records: list[Record]) -> int:
    counts = sorted({record.points for record in records if not record.forfeit})
    if len(counts) > 1:
        raise ValueError(f"points: the matches of a round share them, not {counts}; choose with where(points=...)")
    return counts[0] if counts else 0
