"""What a payoff table says, in lines of words: pure values, equilibrium, and what they hold for."""

from __future__ import annotations

import numpy as np

from results.equilibrium import Equilibrium, solve
from results.minimax import NoEquilibriumError, Vector
from results.payoff import Payoff

Line = tuple[str, str]  # a label and a text; no label: a sentence on its own

ROUNDING = 1e-12
PLAYED = 0.005  # a mixture names the strategies with more weight than this
AS_PLAYED = (
    "These hold for the matrix as played, where nobody sees the opponent's draw: "
    "an attacker who sees the drawn model is met by the min-max pure value."
)


def verdict_of(payoff: Payoff) -> list[Line]:
    """Labelled lines: max-min and min-max of pure strategies, both mixtures, value and gap; and what was left out."""
    left_out = [("left out", f"{', '.join(payoff.left_out)} (a match forfeited or missing)")] if payoff.left_out else []
    if not payoff.matrix.size:
        return [("equilibrium", "none: no attacker has a result against any defender"), *left_out]
    try:
        equilibrium = solve(payoff)
    except NoEquilibriumError as error:
        return [("equilibrium", f"none: {error}"), *left_out]
    return [*_pure(payoff, equilibrium), *_mixed(equilibrium), *left_out, ("", AS_PLAYED)]


def _pure(payoff: Payoff, equilibrium: Equilibrium) -> list[Line]:
    attackers = _best(payoff.attackers, payoff.matrix.min(axis=1), equilibrium.max_min)
    defenders = _best(payoff.defenders, payoff.matrix.max(axis=0), equilibrium.min_max)
    return [
        ("max-min", f"{_percent(equilibrium.max_min)}, what pure attacker {attackers} takes at least"),
        ("min-max", f"{_percent(equilibrium.min_max)}, what pure defender {defenders} loses at most"),
    ]


def _mixed(equilibrium: Equilibrium) -> list[Line]:
    gap = f"gap {equilibrium.gap:.0e}" if equilibrium.gap > ROUNDING else f"gap < {ROUNDING:.0e}"
    value = f"{_percent(equilibrium.value)} lost, accuracy {_percent(1 - equilibrium.value)}; {gap}"
    several = "" if equilibrium.maximum_entropy else "; one of several mixtures, perhaps not the most even"
    return [
        ("equilibrium", value + several),
        (" attacker", _mixture(equilibrium.attackers, equilibrium.attacker)),
        (" defender", _mixture(equilibrium.defenders, equilibrium.defender)),
    ]


def _best(names: tuple[str, ...], values: Vector, best: float) -> str:
    return " or ".join(name for name, value in zip(names, values, strict=True) if abs(value - best) < ROUNDING)


def _mixture(names: tuple[str, ...], weights: Vector) -> str:
    heaviest = np.argsort(-weights, kind="stable")
    return ", ".join(f"{names[k]} {_percent(weights[k])}" for k in heaviest if weights[k] > PLAYED)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
