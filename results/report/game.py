"""The sections of a report that speak of the game: what to deploy, how mixed, what it is worth, who learns it how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from results.game.dynamics import DYNAMICS
from results.game.equilibrium import Equilibrium, solve
from results.game.payoffs import ADAPTIVE, Information, Matrix, Payoff
from results.game.resampling import percentiles, resampled
from results.game.values import ROUNDING, Doubt, bounds, doubt
from results.game.verdict import HOLDS, PLAYED, mixture, tiny, verdict_of
from results.rankings.fixation import Vector
from results.rankings.methods import DRAWS, METHODS, rank
from results.rankings.ratings import unexplained
from results.report.blocks import Bars, Block, Chart, Facts, Figure, Figures, Section, Series, Sheet, Words
from results.report.numbers import around, kept, of_ranked, percent
from results.statistics.intervals import Interval

ROUNDS = 1000
LEAST = 1e-4  # of the payoffs: a smaller gap is drawn there
SHOWN = 40  # points of a curve
SEES: dict[Information | None, str] = {"draw": "sees the drawn model", "answers": "can ask the drawn model"}
RANKINGS = (
    "Two that share a letter in a column cannot be told apart there. A score is the share of points kept (defenders) or taken"
    " (attackers), in %: on average over all opponents, against the one that suits it least, and against the opponents'"
    " equilibrium mixture, which copies of a player do not move. α-rank is the share of time of evolving populations."
)


@dataclass(frozen=True, eq=False)
class Game:
    """A payoff solved, and solved again on resampled tables."""

    payoff: Payoff
    equilibrium: Equilibrium
    unsure: Doubt
    attackers: Matrix  # (draws, attackers): mixtures of the resampled equilibria
    defenders: Matrix


def game_of(payoff: Payoff, draws: int = DRAWS) -> Game:
    """Solve; raises NoEquilibriumError where the solver fails."""
    again = [solve(matrix) for matrix in resampled(payoff, draws)]
    mixtures = np.array([e.attacker for e in again]), np.array([e.defender for e in again])
    return Game(payoff, solve(payoff), doubt(payoff), *mixtures)


def in_short(game: Game) -> Section:
    """The few numbers to take home, and the sentence that says what they hold for."""
    e, unsure, drawn = game.equilibrium, game.unsure, game.payoff.information in ADAPTIVE
    worth = kept(unsure.min_max if drawn else unsure.value)
    seen = SEES.get(game.payoff.information, "does not see the draw")
    hardest = e.defenders[int(game.payoff.matrix.max(axis=0).argmin())]
    best = f"{hardest} alone" if drawn else mixture(e.defenders, e.defender)
    pure = "yes" if unsure.duality.estimate < ROUNDING else "no"
    figures = (
        Figure("accuracy to count on", f"{percent(worth.estimate)} %", around(worth), f"while the attacker {seen}"),
        Figure("value of secrecy", f"{percent(e.secrecy)} %", around(unsure.secrecy), "saved if the draw stays hidden"),
        Figure("pure equilibrium", pure, "", f"in {percent(unsure.pure)} % of the resampled tables"),
    )
    return Section("In short", (Figures(figures), Facts((("deploy", best),)), Words(HOLDS[game.payoff.information])))


def equilibrium(game: Game) -> Section:
    """Both mixtures as bars, then value, pure values, regrets, gap and bounds."""
    e, blocks = game.equilibrium, list[Block]()
    for side, names in (("attacker", e.attackers), ("defender", e.defenders)):
        weights, draws = getattr(e, side), getattr(game, f"{side}s")
        blocks.append(Bars(f"{side}'s equilibrium mixture, % with 95 % interval", _shares(names, weights, draws)))
    lines = [(label, text) for label, text in verdict_of(game.payoff) if label and not label.startswith(" ")]
    regrets = f"attacker {tiny(e.attacker_regret)}, defender {tiny(e.defender_regret)}; the gap is their sum"
    low, high = bounds(game.payoff)
    holds = "if every cell's exact interval holds its cell, all of them at 95 %"
    between = f"the true value lies between {percent(low)} and {percent(high)} % {holds}"
    return Section("Equilibrium", (*blocks, Facts((*lines, ("regrets", regrets), ("bounds", between)))))


def learning(game: Game) -> Section:
    """The gap of the average of each learning rule, round by round."""
    series = tuple(Series(name, *_thinned(learn(game.payoff, ROUNDS).average_gap)) for name, learn in DYNAMICS.items())
    chart = Chart(f"gap of the average play; {100 * LEAST:g} stands for less", "rounds", "gap, % of the points", series)
    words = "What both sides could still gain by leaving the average of what they have played against each other."
    return Section("Learning it round by round", (chart, Words(words)))


def rankings(game: Game, draws: int = DRAWS) -> Section:
    """Every method's score of every player, with interval and tie groups, ordered by the first method."""
    found = [rank(game.payoff, method, draws) for method in METHODS]
    sheets = []
    for side in ("defenders", "attackers"):
        scores = [{one.name: of_ranked(one, ranking.unit) for one in getattr(ranking, side)} for ranking in found]
        order = [one.name for one in getattr(found[0], side)]
        rows = tuple((name, tuple(score[name] for score in scores)) for name in order)
        sheets.append(Sheet(f"{side} by five rankings, 95 % interval, tie groups as letters", tuple(METHODS), rows))
    left = percent(unexplained(game.payoff))
    last = f" Elo leaves {left} % of the table's variance unexplained."
    return Section("Rankings", (*sheets, Words(RANKINGS + last)))


def _shares(names: tuple[str, ...], weights: Vector, draws: Matrix) -> tuple[tuple[str, Interval], ...]:
    """Names and weights with intervals, the heaviest first, without those that hardly ever play."""
    found = [(names[k], percentiles(float(weights[k]), draws[:, k])) for k in np.argsort(-weights, kind="stable")]
    return tuple((name, share) for name, share in found if share.high > PLAYED)


def _thinned(gap: Vector) -> tuple[Vector, Vector]:
    kept = np.unique(np.geomspace(1, len(gap), SHOWN).round().astype(int))
    return kept.astype(np.float64), 100 * np.maximum(gap[kept - 1], LEAST)
