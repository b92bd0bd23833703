"""What a payoff table says, in lines of words: pure values, equilibrium, and what they hold for."""

from __future__ import annotations

import numpy as np

from results.game.equilibrium import Equilibrium, solve
from results.game.minimax import NoEquilibriumError, Vector
from results.game.payoffs import Payoff
from results.game.values import ROUNDING, Doubt, doubt
from results.statistics.intervals import Interval

Line = tuple[str, str]  # a label and a text; no label: a sentence on its own

PLAYED = 0.005  # a mixture names the strategies with more weight than this
HOLDS = {
    "draw": "The attackers of this table saw the drawn model, so the min-max pure value is the one to count on; "
    "the equilibrium's holds only against one that must choose its method before the draw.",
    "answers": "The attackers of this table put their questions to the drawn model, so the min-max pure value is the one to "
    "count on; the equilibrium's holds only against one that must choose its method before the draw.",
    "mixture": "The attackers of this table knew the mixture and not the draw, so the equilibrium's value holds.",
    "none": "The attackers of this table saw nothing of the drawn model; the equilibrium's value holds while that is so.",
    None: "These hold for the matrix as played, where nobody sees the opponent's draw: "
    "an attacker who sees the drawn model is met by the min-max pure value.",
}


def verdict_of(payoff: Payoff) -> list[Line]:
    """Labelled lines: max-min and min-max of pure strategies, both mixtures, value and gap; and what was left out."""
    left_out = [("left out", f"{', '.join(payoff.left_out)} (a match forfeited or missing)")] if payoff.left_out else []
    if not payoff.matrix.size:
        return [("equilibrium", "none: no attacker has a result against any defender"), *left_out]
    try:
        equilibrium = solve(payoff)
        unsure = None if payoff.losses is None else doubt(payoff)
    except NoEquilibriumError as error:
        return [("equilibrium", f"none: {error}"), *left_out]
    lines = [*_pure(payoff, equilibrium, unsure), *_mixed(equilibrium, unsure), _saddle(payoff, equilibrium, unsure)]
    return [*lines, *left_out, ("", HOLDS[payoff.information])]


def _pure(payoff: Payoff, equilibrium: Equilibrium, unsure: Doubt | None) -> list[Line]:
    attackers = _best(payoff.attackers, payoff.matrix.min(axis=1), equilibrium.max_min)
    defenders = _best(payoff.defenders, payoff.matrix.max(axis=0), equilibrium.min_max)
    least, most = (unsure.max_min, unsure.min_max) if unsure else (None, None)
    return [
        ("max-min", f"{_percent(equilibrium.max_min, least)}, what pure attacker {attackers} takes at least"),
        ("min-max", f"{_percent(equilibrium.min_max, most)}, what pure defender {defenders} loses at most"),
    ]


def _mixed(equilibrium: Equilibrium, unsure: Doubt | None) -> list[Line]:
    lost = _percent(equilibrium.value, unsure.value if unsure else None)
    value = f"{lost} lost, accuracy {_percent(1 - equilibrium.value)}; gap {tiny(equilibrium.gap)}"
    several = "" if equilibrium.maximum_entropy else "; one of several mixtures, perhaps not the most even"
    return [
        ("equilibrium", value + several),
        (" attacker", mixture(equilibrium.attackers, equilibrium.attacker)),
        (" defender", mixture(equilibrium.defenders, equilibrium.defender)),
    ]


def _saddle(payoff: Payoff, equilibrium: Equilibrium, unsure: Doubt | None) -> Line:
    """Say whether a pure equilibrium exists, and how often it does in resampled tables."""
    duality = equilibrium.min_max - equilibrium.max_min
    between = f"min-max exceeds max-min by {_percent(duality, unsure.duality if unsure else None)}"
    share = "" if unsure is None else f"; {_percent(unsure.pure)} of the resampled tables have one"
    if duality < ROUNDING:
        return "pure eq.", f"yes: {between}{share}"
    hidden = _percent(equilibrium.secrecy, unsure.secrecy if unsure else None)
    return "pure eq.", f"no: {between}, and hiding the draw saves {hidden}{share}"


def _best(names: tuple[str, ...], values: Vector, best: float) -> str:
    return " or ".join(name for name, value in zip(names, values, strict=True) if abs(value - best) < ROUNDING)


def mixture(names: tuple[str, ...], weights: Vector) -> str:
    """Name the strategies that a mixture plays, the heaviest first, with their weights in percent."""
    heaviest = np.argsort(-weights, kind="stable")
    return ", ".join(f"{names[k]} {_percent(weights[k])}" for k in heaviest if weights[k] > PLAYED)


def tiny(gain: float) -> str:
    """Write a gap or a regret, which should be no more than rounding."""
    return f"{gain:.0e}" if gain > ROUNDING else f"< {ROUNDING:.0e}"


def _percent(share: float, interval: Interval | None = None) -> str:
    around = f" ({100 * interval.low:.1f}–{100 * interval.high:.1f})" if interval else ""
    return f"{100 * share:.1f} %{around}"
