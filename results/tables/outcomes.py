"""The outcomes of one round as arrays, for whoever resamples or counts them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from results.records.packing import Hits, unpack_rows
from results.records.record import Record
from results.tables.rounds import round_of


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Which points each defender read right: `clean` and `attacked` are (attackers, defenders, seeds, points) booleans.

    `played` (attackers, defenders, seeds) is false where a match was forfeited or is not stored: its points are false too.
    """

    attackers: tuple[str, ...]
    defenders: tuple[str, ...]
    seeds: tuple[int, ...]
    played: Hits
    clean: Hits
    attacked: Hits


def outcomes_of(records: Iterable[Record], round: int | None = None) -> Outcomes:
    """The arrays of one round, by default the last; raises ValueError as `ResultsTable.grid` does."""
    met = round_of(records, round)
    axes: tuple[tuple[str | int, ...], ...] = (met.attackers, met.defenders, met.seeds)
    places = [{name: i for i, name in enumerate(axis)} for axis in axes]
    found = {key: record for key, record in met.met.items() if not record.forfeit}
    where = tuple(np.array([place[key[k]] for key in found], np.intp) for k, place in enumerate(places))
    played = np.zeros(tuple(map(len, axes)), np.bool_)
    played[where] = True
    clean, attacked = np.zeros((2, *played.shape, met.points), np.bool_)
    if found:
        clean[where] = unpack_rows([record.clean_hits for record in found.values()], met.points)
        attacked[where] = unpack_rows([record.attacked_hits for record in found.values()], met.points)
    return Outcomes(met.attackers, met.defenders, met.seeds, played, clean, attacked)
