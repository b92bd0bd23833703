"""One row of the ledger: what happened in one round of one match."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One round of one match, with the outcome at every test point kept as a bit.

    `clean_hits` and `attacked_hits` hold `np.packbits` of "the prediction is correct", for the clean and for the
    attacked points; both are `ceil(points / 8)` bytes, or empty when `forfeit` says why the match was not finished.
    Use `Record.of` to build one from boolean arrays. Raises ValueError where a field breaks these rules.
    """

    scenario: str
    attacker: str
    defender: str
    seed: int
    round: int = 0
    clean_hits: bytes = b""
    attacked_hits: bytes = b""
    points: int = 0
    forfeit: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "forfeit", _one_line(self.forfeit))
        for field in ("scenario", "attacker", "defender"):
            _check_name(field, getattr(self, field))
        if self.round < 0 or self.points < 0:
            raise ValueError(f"round, points: counted from 0, not {self.round} and {self.points}")
        if not self.forfeit and self.points < 1:
            raise ValueError(f"points: a match that was played has at least 1, not {self.points}; or give `forfeit`")
        for field in ("clean_hits", "attacked_hits"):
            _check_hits(field, getattr(self, field), 0 if self.forfeit else self.points)

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
    ) -> Record:
        """Record a played round from two boolean arrays of shape (points,), true where the model is right."""
        before, after = _flat(clean, "clean"), _flat(attacked, "attacked")
        if before.shape != after.shape:
            raise ValueError(f"clean and attacked judge the same points: {before.size} differ from {after.size}")
        return cls(
            scenario=scenario,
            attacker=attacker,
            defender=defender,
            seed=int(seed),
            round=int(round),
            clean_hits=np.packbits(before).tobytes(),
            attacked_hits=np.packbits(after).tobytes(),
            points=before.size,
        )

    @property
    def clean(self) -> Hits:
        """Which points are classified correctly before the attack: shape (points,), or (0,) if forfeited."""
        return _unpack(self.clean_hits, self.points)

    @property
    def attacked(self) -> Hits:
        """Which points are classified correctly under attack: shape (points,), or (0,) if forfeited."""
        return _unpack(self.attacked_hits, self.points)

    @property
    def clean_accuracy(self) -> float:
        """Share of the points classified correctly before the attack; NaN if forfeited."""
        return _share(self.clean)

    @property
    def attacked_accuracy(self) -> float:
        """Share of the points classified correctly under attack; NaN if forfeited."""
        return _share(self.attacked)


def _one_line(reason: str) -> str:
    """Make a reason, often an exception's text, one line that any file can hold."""
    return " ".join(reason.encode("utf-8", "backslashreplace").decode().replace("\0", "").split())


def _check_name(field: str, name: str) -> None:
    if not name or not name.isprintable():
        raise ValueError(f"{field}: a name is one line of printable text, not {name!r}")


def _check_hits(field: str, hits: bytes, points: int) -> None:
    expected = math.ceil(points / 8)
    if len(hits) != expected:
        raise ValueError(f"{field}: {points} points pack into {expected} bytes, not {len(hits)}; use Record.of")
    if hits and hits[-1] & (0xFF >> (points - 1) % 8 + 1):
        raise ValueError(f"{field}: the bits after point {points} must be zero; use Record.of")


def _flat(hits: npt.ArrayLike, name: str) -> Hits:
    array = np.asarray(hits)
    if array.ndim != 1 or array.dtype != np.bool_:
        raise ValueError(f"{name}: booleans of shape (points,), not {array.dtype} of {array.shape}; compare labels")
    return array


def _unpack(hits: bytes, points: int) -> Hits:
    if not hits:
        return np.zeros(0, dtype=np.bool_)
    return np.unpackbits(np.frombuffer(hits, dtype=np.uint8), count=points).astype(np.bool_)


def _share(hits: Hits) -> float:
    return float(hits.mean()) if hits.size else math.nan
