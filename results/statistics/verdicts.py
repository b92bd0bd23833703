"""From intervals to a verdict: a criterion is met where its whole interval lies beyond its bound, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from results.statistics.intervals import Interval

Verdict: TypeAlias = Literal["holds", "holds in part", "does not hold here", "undecided here"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A quantity with its 95 % interval, and the open bounds `above` and `below` that all of it must lie between.

    `unit` is "%" for shares, which are written times 100, or "" for other numbers. Raises ValueError without a bound.
    """

    quantity: str
    interval: Interval
    above: float | None = None
    below: float | None = None
    unit: Literal["%", ""] = "%"

    def __post_init__(self) -> None:
        if self.above is None and self.below is None:
            raise ValueError(f"{self.quantity}: a criterion needs a bound, above or below; give one")

    @property
    def met(self) -> bool:
        """Whether the whole interval lies within the bounds; NaN does not."""
        low, high = self._bounds
        return self.interval.low > low and self.interval.high < high

    @property
    def mark(self) -> Literal["yes", "no", "open"]:
        """Met; or the whole interval lies outside; or the data do not say."""
        low, high = self._bounds
        outside = self.interval.high <= low or self.interval.low >= high
        return "yes" if self.met else "no" if outside else "open"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The quantity, its interval, its bounds and the mark, as text."""
        i, wanted = self.interval, []
        if self.above is not None:
            wanted.append(f"> {self.number(self.above)}")
        if self.below is not None:
            wanted.append(f"< {self.number(self.below)}")
        spread = f" ({self.number(i.low)} to {self.number(i.high)})" if i.low < i.high else ""
        measured = f"{self.number(i.estimate)}{spread}"
        return self.quantity, measured, " and ".join(wanted), self.mark

    def number(self, value: float) -> str:
        """A value in the criterion's unit."""
        return f"{100 * value:.1f} %" if self.unit else f"{value:.4g}"

    @property
    def _bounds(self) -> tuple[float, float]:
        return (
            -float("inf") if self.above is None else self.above,
            float("inf") if self.below is None else self.below,
        )


def verdict_of(criteria: Sequence[Criterion]) -> Verdict:
    """*holds* if every criterion is met, *holds in part* if some are, *undecided here* if none is and none fails.

    Else *does not hold here*; ValueError for no criterion.
    """
    if not criteria:
        raise ValueError("a verdict needs at least one criterion; got none")
    met = sum(criterion.met for criterion in criteria)
    if met:
        return "holds" if met == len(criteria) else "holds in part"
    return "undecided here" if all(criterion.mark == "open" for criterion in criteria) else "does not hold here"
