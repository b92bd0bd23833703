"""The grid of a round: attackers down, defenders across, an interval in every cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from results.game.payoffs import Information, Matrix, Payoff
from results.records.packing import Hits
from results.statistics.intervals import Interval, crossed
from results.tables.columns import heading, sample
from results.tables.rounds import NOT_PLAYED, Round


@dataclass(frozen=True, slots=True)
class Cell:
    """A share with its 95 % interval, or a mark where there is none, `forfeit` or `missing`, and the reason."""

    interval: Interval | None
    mark: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Grid:
    """What a round shows: `attacked[i][j]` is defender j's accuracy under attacker i, `clean[j]` before it.

    `worst[j]` counts a point only where it is right under every attacker with a result. `payoff` is the matrix of the
    game. `certified[j]` is the share proven to stand, if asked for. `training[j]` is in seconds, the mean over seeds, NaN
    where unknown; it is None unless asked for. `str(grid)` is a table for the terminal, with the value of the game below.
    """

    scenario: str
    round: int
    attackers: tuple[str, ...]
    defenders: tuple[str, ...]
    seeds: tuple[int, ...]
    points: int
    clean: tuple[Cell, ...]
    attacked: tuple[tuple[Cell, ...], ...]
    worst: tuple[Cell, ...]
    payoff: Payoff
    training: tuple[float, ...] | None = None
    certified: tuple[Cell, ...] | None = None

    def __str__(self) -> str:
        from results.tables.layout import terminal

        return terminal(self)

    def to_markdown(self) -> str:
        """Write the same table and lines in GitHub's Markdown."""
        from results.tables.layout import markdown

        return markdown(self)

    def with_certified(self, points: Mapping[tuple[str, int], Hits]) -> Grid:
        """The same grid with the shares proven to stand: `points` (points,) by (defender, seed), where all seeds have them."""
        known = [[points[name, seed] for seed in self.seeds if (name, seed) in points] for name in self.defenders]
        cells = (Cell(crossed(np.stack(hits))) if len(hits) == len(self.seeds) else Cell(None, "–") for hits in known)
        return replace(self, certified=tuple(cells))

    @property
    def heading(self) -> str:
        """Scenario, and round if it is not the first."""
        return heading(self.scenario, self.round)

    @property
    def title(self) -> str:
        """The heading, what the numbers are, and the size of the sample."""
        return f"{self.heading}: accuracy in % with 95 % interval, {sample(self.seeds, self.points)}"

    @property
    def rows(self) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
        """All rows from the top, each with its label: clean, the attackers, worst case."""
        return (("clean", self.clean), *zip(self.attackers, self.attacked, strict=True), ("worst case", self.worst))


def grid_of(
    round: Round,
    training_seconds: Mapping[tuple[str, int], float] | None = None,
    information: Information | None = None,
) -> Grid:
    """Tabulate a round; `training_seconds` by (defender, seed) adds a row of their means over the seeds."""
    return Grid(
        scenario=round.scenario,
        round=round.number,
        attackers=round.attackers,
        defenders=round.defenders,
        seeds=round.seeds,
        points=round.points,
        clean=tuple(_summary(round.clean(defender)) for defender in round.defenders),
        attacked=tuple(tuple(_cell(round, attacker, name) for name in round.defenders) for attacker in round.attackers),
        worst=tuple(_summary(round.worst(defender)) for defender in round.defenders),
        payoff=round.payoff(information),
        training=None if training_seconds is None else _training(round, training_seconds),
    )


def absence(round: Round, attacker: str, defender: str) -> Cell | None:
    """Mark a pair without a result, and say why; None for a pair that has one."""
    lacking = round.lacking(attacker, defender)
    if not lacking:
        return None
    reasons = (f"seed {', '.join(map(str, seeds))}: {reason}" for reason, seeds in lacking.items())
    return Cell(None, "missing" if set(lacking) == {NOT_PLAYED} else "forfeit", "; ".join(reasons))


def _cell(round: Round, attacker: str, defender: str) -> Cell:
    return absence(round, attacker, defender) or Cell(crossed(round.attacked(attacker, defender)))


def _summary(outcomes: Matrix | Hits) -> Cell:
    return Cell(crossed(outcomes)) if outcomes.size else Cell(None, "missing")


def _training(round: Round, seconds: Mapping[tuple[str, int], float]) -> tuple[float, ...]:
    known = [[seconds[name, seed] for seed in round.seeds if (name, seed) in seconds] for name in round.defenders]
    return tuple(sum(times) / len(times) if times else math.nan for times in known)
