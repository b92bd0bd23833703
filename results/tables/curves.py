"""Accuracy against queries: how many test points still stand when the attacker may ask so often about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.records.packing import Counts
from results.statistics.intervals import crossed
from results.statistics.variance import Array
from results.tables.grid import absence
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

STEPS = 40


@dataclass(frozen=True, eq=False)
class Curve:
    """Accuracy in [0, 1] at rising numbers of queries a point, with its 95 % interval: four arrays of one shape (k,).

    `queries` begins at 0, which is the clean accuracy, and ends at the largest count in the table.
    """

    queries: Counts
    accuracy: Array
    low: Array
    high: Array


def accuracy_by_queries(table: ResultsTable, attacker: str, defender: str, round: int | None = None) -> Curve:
    """Trace one pair's accuracy at 0 and about 40 log-spaced numbers of queries, the same ones for the whole table.

    A point that is misread in the end counts as lost from its own number of queries on, since attackers stop at
    success; one that is misread when clean is lost from 0 on, even if the attack sets it right. The accuracy is the
    mean over the seeds. Raises ValueError as `ResultsTable.grid` does, and for a pair without a result or a count.
    """
    played = round_of(table.records, round)
    absent = absence(played, attacker, defender)
    if absent:
        raise ValueError(f"{attacker} against {defender}: no result ({absent.reason}); one of the table's other pairs")
    if not played.queries(attacker, defender).size:
        raise ValueError(f"{attacker} against {defender}: queries were not counted; play a scenario that counts them")
    return curve_of(played, attacker, defender)


def curve_of(played: Round, attacker: str, defender: str) -> Curve:
    """Trace a pair that has a result and counts."""
    lost = lost_at(played, attacker, defender)
    queries = checkpoints(played)
    standing = [crossed(lost > asked) for asked in queries]
    bounds = [(interval.estimate, interval.low, interval.high) for interval in standing]
    return Curve(queries, *np.array(bounds).T)


def lost_at(played: Round, attacker: str, defender: str) -> Array:
    """Number of queries at which each point is lost: shape (seeds, points), 0 if misread when clean, infinite if never."""
    asked = np.where(played.attacked(attacker, defender), np.inf, played.queries(attacker, defender))
    return np.where(played.right(attacker, defender), asked, 0.0)


def checkpoints(played: Round) -> Counts:
    """Zero, then log-spaced whole numbers up to the largest count of the round."""
    most = max((int(counts.max(initial=0)) for counts in _counts(played)), default=0)
    spaced = np.geomspace(1, most, STEPS).round().astype(np.int64) if most else np.zeros(0, dtype=np.int64)
    return np.unique(np.r_[0, spaced])


def counted(played: Round, attacker: str, defender: str) -> bool:
    """Whether a pair has a result and a count of queries at every seed."""
    return not played.lacking(attacker, defender) and played.queries(attacker, defender).size > 0


def _counts(played: Round) -> list[Counts]:
    return [record.query_counts for record in played.met.values()]
