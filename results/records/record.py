"""One row of the ledger: what happened in one round of one match."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from results.records.extras import Extras, check_extras
from results.records.packing import (
    Counts,
    Hits,
    check_counts,
    check_hits,
    flat_hits,
    pack_counts,
    unpack_counts,
    unpack_hits,
)

_LONGEST = 300  # letters of a reason
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")  # colours, cursor moves, titles


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One round of one match, with the outcome at every test point kept as a bit.

    `clean_hits` and `attacked_hits` hold `np.packbits` of "the prediction is correct", for the clean and for the
    attacked points; both are `ceil(points / 8)` bytes, or empty when `forfeit` says why the match was not finished.
    `queries` holds the number of queries about each test point, `4 * points` bytes of little-endian unsigned integers,
    or nothing where the scenario does not count them. `extras` holds (name, number) pairs of what else was measured, in
    alphabetical order. Use `Record.of` to build one from arrays. Raises ValueError where a field breaks these rules.
    """

    scenario: str
    attacker: str
    defender: str
    seed: int
    round: int = 0
    queries: bytes = b""
    clean_hits: bytes = b""
    attacked_hits: bytes = b""
    points: int = 0
    forfeit: str = ""
    extras: Extras = ()

    def __post_init__(self) -> None:
        if self.forfeit:
            object.__setattr__(self, "forfeit", _one_line(self.forfeit))
        for field in ("scenario", "attacker", "defender"):
            _check_name(field, getattr(self, field))
        check_extras(self.extras)
        if self.round < 0 or self.points < 0:
            raise ValueError(f"round, points: counted from 0, not {self.round} and {self.points}")
        if not self.forfeit and self.points < 1:
            raise ValueError(f"points: a match that was played has at least 1, not {self.points}; or give `forfeit`")
        judged = 0 if self.forfeit else self.points
        check_counts(self.queries, judged)
        for field in ("clean_hits", "attacked_hits"):
            check_hits(field, getattr(self, field), judged)

    @classmethod
    def of(
        cls,
        *,
        scenario: str,
        attacker: str,
        defender: str,
        seed: int,
        round: int = 0,
        clean: npt.ArrayLike,
        attacked: npt.ArrayLike,
        queries: npt.ArrayLike | None = None,
        extras: Mapping[str, float] | None = None,
    ) -> Record:
        """Record a played round from two boolean arrays of shape (points,), true where the model is right.

        `queries` counts the queries about each point, integers of shape (points,); None where nobody counted.
        `extras` holds finite numbers by name.
        """
        before, after = flat_hits(clean, "clean"), flat_hits(attacked, "attacked")
        if before.shape != after.shape:
            raise ValueError(f"clean and attacked judge the same points: {before.size} differ from {after.size}")
        return cls(
            scenario=scenario,
            attacker=attacker,
            defender=defender,
            seed=int(seed),
            round=int(round),
            queries=pack_counts(queries, before.size),
            clean_hits=np.packbits(before).tobytes(),
            attacked_hits=np.packbits(after).tobytes(),
            points=before.size,
            extras=tuple(sorted((name, float(value)) for name, value in (extras or {}).items())),
        )

    @property
    def clean(self) -> Hits:
        """Which points are classified correctly before the attack: shape (points,), or (0,) if forfeited."""
        return unpack_hits(self.clean_hits, self.points)

    @property
    def attacked(self) -> Hits:
        """Which points are classified correctly under attack: shape (points,), or (0,) if forfeited."""
        return unpack_hits(self.attacked_hits, self.points)

    @property
    def query_counts(self) -> Counts:
        """The queries about each point: shape (points,), or (0,) where they were not counted."""
        return unpack_counts(self.queries)

    @property
    def median_queries(self) -> float:
        """Median number of queries over the points read right and then fooled; NaN if there is none, or no count."""
        fooled = self.query_counts[self.clean & ~self.attacked] if self.queries else self.query_counts
        return float(np.median(fooled)) if fooled.size else math.nan

    @property
    def clean_accuracy(self) -> float:
        """Share of the points classified correctly before the attack; NaN if forfeited."""
        return _share(self.clean)

    @property
    def attacked_accuracy(self) -> float:
        """Share of the points classified correctly under attack; NaN if forfeited."""
        return _share(self.attacked)


def _one_line(reason: str) -> str:
    """Make a reason, often an exception's text, one line that any file and any terminal can hold."""
    plain = _ESCAPES.sub("", reason).encode("utf-8", "backslashreplace").decode()
    line = " ".join("".join(letter for letter in plain if letter.isprintable() or letter.isspace()).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


@lru_cache(maxsize=4096)  # the same few names stand in every record of a table
def _check_name(field: str, name: str) -> None:
    if not name or not name.isprintable():
        raise ValueError(f"{field}: a name is one line of printable text, not {name!r}")


def _share(hits: Hits) -> float:
    return float(hits.mean()) if hits.size else math.nan
