"""A scenario played by the checks: an untrained network for the defender, a scripted attacker, and what must hold of any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.conformance.check import NonConformance
from arena.engine import mlp
from arena.errors import ArenaError, IllegalMove
from arena.moves import Deployment, Perturbation
from arena.poisoning.view import TriggerView
from arena.referee import fingerprint
from arena.regression import RegressionView
from arena.scenario import DefenderTurn


def played(scenario: Any, answer: Callable[[Any], Any]) -> tuple[list[Any], Any]:
    """The views shown to either side, and the rounds; where a trigger is asked for, the rows are left as they are."""
    script, views = scenario.turns(), []
    turn = next(script)
    try:
        while True:
            views.append(turn.view)
            if isinstance(turn, DefenderTurn):
                outputs = 1 if isinstance(turn.view, RegressionView) else turn.view.classes
                sizes = (turn.view.train.x.shape[1], outputs)
                turn = script.send(Deployment(mlp(sizes, rng=default_rng(0))))
            else:
                turn = script.send((still if isinstance(turn.view, TriggerView) else answer)(turn.view))
    except StopIteration as end:
        return views, end.value


def still(view: Any) -> Perturbation:
    """The field as it is."""
    return Perturbation(view.field.x.copy())


def same_deal(scenario: Any, idle: Callable[[Any], Any]) -> None:
    """Require two scripts to show the same."""
    first, second = (fingerprint(played(scenario, idle)[0]) for _ in range(2))
    if first != second:
        raise NonConformance("two scripts of the same scenario dealt differently: key every draw by content")


def refuses(scenario: Any, wrong: Iterable[Callable[[Any], Any]], what: str) -> None:
    """Require IllegalMove for every answer, none of which may be accepted; `what` lists them in words."""
    for answer in wrong:
        try:
            played(scenario, answer)
        except IllegalMove:
            continue
        except ArenaError as error:
            raise NonConformance(f"an illegal move must raise IllegalMove; got {type(error).__name__}") from error
        raise NonConformance(f"it accepted {what}")


def standing_still(scenario: Any, idle: Callable[[Any], Any]) -> None:
    """Require an attacker that does nothing to change no outcome."""
    for scored in played(scenario, idle)[1]:
        if not np.array_equal(scored.clean, scored.attacked):
            raise NonConformance("doing nothing changed an outcome; what is trained twice is trained on one stream")
