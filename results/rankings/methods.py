"""Five ways to rank the same table: mean, worst case, Nash averaging, Elo, alpha-rank; each with its doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from results.game.equilibrium import solve
from results.game.payoffs import Matrix, Payoff
from results.game.resampling import percentiles, resampled
from results.rankings.evolution import alpha_rank
from results.rankings.fixation import Vector
from results.rankings.ratings import elo_of
from results.rankings.ties import tie_groups
from results.statistics.intervals import Interval

DRAWS = 400
DIGITS = 4  # shares of time below the rare moves' order say nothing
Scores = tuple[Vector, Vector]


@dataclass(frozen=True)
class Ranked:
    """One strategy's score with its 95 % interval, and the letters of the groups of those it cannot be told from."""

    name: str
    score: Interval
    ties: str


@dataclass(frozen=True)
class Ranking:
    """A method's two rankings, the best first. Scores are shares in [0, 1] unless `unit` says otherwise."""

    method: str
    attackers: tuple[Ranked, ...]
    defenders: tuple[Ranked, ...]
    unit: str = "share"


def mean_score(payoff: Payoff, A: Matrix) -> Scores:
    """Mean over all opponents: an attacker's share of points taken, a defender's share of points kept."""
    return A.mean(axis=-1), 1 - A.mean(axis=-2)


def worst_score(payoff: Payoff, A: Matrix) -> Scores:
    """Against the opponent that suits one least."""
    return A.min(axis=-1), 1 - A.max(axis=-2)


def nash_average(payoff: Payoff, A: Matrix) -> Scores:
    """Against the opponents' most even equilibrium mixture, which copies of a strategy do not move: they are solved as one.

    Balduzzi et al., "Re-evaluating evaluation", NeurIPS 2018; the payoffs are not rescaled. Where there are many equilibria
    maximum entropy alone would lean to what is there more often.
    """
    solved = []
    for game in A.reshape(-1, *A.shape[-2:]):
        rows, columns = (np.sort(np.unique(game, axis=axis, return_index=True)[1]) for axis in (0, 1))
        equilibrium = solve(game[np.ix_(rows, columns)])
        solved.append((game[:, columns] @ equilibrium.defender, 1 - equilibrium.attacker @ game[rows]))
    attackers, defenders = (np.array(side) for side in zip(*solved, strict=True))
    return attackers.reshape(A.shape[:-1]), defenders.reshape(*A.shape[:-2], A.shape[-1])


def evolved(payoff: Payoff, A: Matrix) -> Scores:
    """Share of time in alpha-rank with infinite selection."""
    ranks = [alpha_rank(one) for one in A.reshape(-1, *A.shape[-2:])]
    attackers, defenders = np.array([r.attackers for r in ranks]), np.array([r.defenders for r in ranks])
    attackers, defenders = attackers.round(DIGITS), defenders.round(DIGITS)
    return attackers.reshape(A.shape[:-1]), defenders.reshape(*A.shape[:-2], A.shape[-1])


METHODS: dict[str, Callable[[Payoff, Matrix], Scores]] = {
    "mean": mean_score,
    "worst case": worst_score,
    "Nash average": nash_average,
    "Elo": elo_of,
    "α-rank": evolved,
}


def rank(payoff: Payoff, method: str = "mean", draws: int = DRAWS) -> Ranking:
    """Rank both sides by a method of `METHODS`, with intervals and tie groups from resampled tables.

    Raises ValueError for an unknown method or a payoff without outcomes.
    """
    if method not in METHODS:
        raise ValueError(f"method: one of {', '.join(METHODS)}, not {method!r}")
    score, drawn = METHODS[method], resampled(payoff, draws)
    names, losses = (payoff.attackers, payoff.defenders), np.asarray(payoff.losses)
    witnesses = _witnesses(losses), _witnesses(losses.swapaxes(0, 1))
    sides = zip(names, score(payoff, payoff.matrix), score(payoff, drawn), witnesses, strict=True)
    attackers, defenders = (_ranked(*side) for side in sides)
    return Ranking(method, attackers, defenders, "rating" if method == "Elo" else "share")


def _witnesses(losses: Matrix) -> Matrix:
    """On how many test points two strategies ever differ: (k, opponents, seeds, points) to (k, k)."""
    return np.array([[(a != b).any(axis=(0, 1)).sum() for b in losses] for a in losses])


def _ranked(names: tuple[str, ...], scores: Vector, draws: Matrix, witnesses: Matrix) -> tuple[Ranked, ...]:
    ties = tie_groups(scores, draws, witnesses)
    best_first = np.argsort(-scores, kind="stable")
    return tuple(Ranked(names[k], percentiles(float(scores[k]), draws[:, k]), ties[k]) for k in best_first)
