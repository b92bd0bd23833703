"""The table of a tournament: its records, and every view that is computed from them alone."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from results.game.payoffs import Information, Payoff
from results.records.files import read_records, write_records
from results.records.record import Record
from results.tables.grid import Grid, grid_of
from results.tables.rounds import round_of

if TYPE_CHECKING:
    import pandas as pd

FRAME = (
    "scenario",
    "attacker",
    "defender",
    "seed",
    "round",
    "clean_accuracy",
    "attacked_accuracy",
    "median_queries",
    "points",
    "forfeit",
)


@dataclass(frozen=True, repr=False)
class ResultsTable:
    """Records in canonical order: attackers and defenders stand in the order in which the records first name them.

    `training_seconds` maps (defender, seed) to seconds; tables with the same records are equal, whatever the clock
    said, and files do not keep it. Raises ValueError if two records speak of the same round of the same match.
    """

    records: tuple[Record, ...]
    training_seconds: Mapping[tuple[str, int], float] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "records", tuple(self.records))
        played = Counter((r.scenario, r.attacker, r.defender, r.seed, r.round) for r in self.records)
        for match, count in played.items():
            if count > 1:
                raise ValueError(f"records: one a match and round, but {match} occurs {count} times; drop all but one")

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        sizes = f"{len(self.attackers)} attackers × {len(self.defenders)} defenders × {len(self.seeds)} seeds"
        return f"ResultsTable({len(self)} records: {sizes})"

    @property
    def attackers(self) -> tuple[str, ...]:
        """Names of the attackers, in the order of first appearance."""
        return tuple(dict.fromkeys(record.attacker for record in self.records))

    @property
    def defenders(self) -> tuple[str, ...]:
        """Names of the defenders, in the order of first appearance."""
        return tuple(dict.fromkeys(record.defender for record in self.records))

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in ascending order."""
        return tuple(sorted({record.seed for record in self.records}))

    @property
    def extras(self) -> tuple[str, ...]:
        """Names of what else was measured, in alphabetical order."""
        return tuple(sorted({name for record in self.records for name, _ in record.extras}))

    @property
    def rounds(self) -> tuple[int, ...]:
        """The rounds, in ascending order."""
        return tuple(sorted({record.round for record in self.records}))

    def where(self, **equalities: object) -> ResultsTable:
        """Keep the records whose fields equal the given values, as in `where(attacker="pgd", seed=0)`.

        Raises ValueError for a name that is no field of a record.
        """
        known = {entry.name for entry in fields(Record)}
        for name in equalities.keys() - known:
            raise ValueError(f"{name}: not a field of a record; one of {sorted(known)}")
        kept = (r for r in self.records if all(getattr(r, name) == value for name, value in equalities.items()))
        return ResultsTable(tuple(kept), self.training_seconds)

    def frame(self) -> pd.DataFrame:
        """Tidy pandas frame, one row a match and round; accuracies are shares in [0, 1], NaN where forfeited.

        `median_queries` is over the points read right and then fooled, NaN where there is none or nobody counted. What else
        was measured follows, a column each, NaN where it was not.
        """
        import pandas as pd

        frame = pd.DataFrame([[getattr(r, column) for column in FRAME] for r in self.records], columns=list(FRAME))
        for name in self.extras:
            frame[name] = [dict(r.extras).get(name, math.nan) for r in self.records]
        return frame

    def grid(self, round: int | None = None, *, timings: bool = False, information: Information | None = None) -> Grid:
        """Attackers down, defenders across, for one round (the last by default), with training seconds if asked for.

        `information` says what the attackers saw, for the lines on the game below the table.

        Raises ValueError for an empty table, several scenarios, an unknown round, or mixed numbers of test points.
        """
        return grid_of(round_of(self.records, round), self.training_seconds if timings else None, information)

    def payoff(self, round: int | None = None, *, information: Information | None = None) -> Payoff:
        """Share of test points that each defender lost to each attacker, mean over seeds; raises as `grid` does."""
        return round_of(self.records, round).payoff(information)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the records to a CSV file, bit for bit, moved into place when it is whole."""
        write_records(path, self.records)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> ResultsTable:
        """Read the table that `to_csv` wrote; a last line torn by a crash is ignored.

        Raises ValueError that names line and column where the file is malformed.
        """
        return cls(read_records(path))


def payoff(table: ResultsTable, *, round: int | None = None, information: Information | None = None) -> Payoff:
    """Share of test points that each defender lost to each attacker, mean over seeds, with the outcomes behind it.

    `information` says what the attackers of this table saw; of several rounds the last counts. Raises ValueError as
    `ResultsTable.grid` does.
    """
    return table.payoff(round, information=information)
