"""What a scenario must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance
from arena.conformance.poisoning import poisoning_checks
from arena.conformance.tampering import tampering_checks
from arena.engine import mlp
from arena.errors import ArenaError, IllegalMove
from arena.moves import Deployment, Perturbation
from arena.poisoning.view import PoisonView
from arena.referee import fingerprint
from arena.scenario import DefenderTurn
from arena.tampering import TamperView
from arena.views import DefenderView, DisturbanceView, EvasionView, GradientView, LabelView, ScoreView

_SHOWN = {"gradients": GradientView, "scores": ScoreView, "labels": LabelView, "nothing": EvasionView}


def scenario_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario: the same deal every time, fresh fields, illegal moves refused, no more shown than promised."""
    if issubclass(scenario.shows, PoisonView):
        yield from poisoning_checks(scenario)
        return
    if issubclass(scenario.shows, TamperView):
        yield from tampering_checks(scenario)
        return
    yield Check("same-deal-every-time", lambda: _same_deal(scenario))
    yield Check("fields-are-fresh", lambda: _fields_are_fresh(scenario))
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: _standing_still(scenario))
    yield Check("shows-what-it-promises", lambda: _shows(scenario))


def _script(scenario: Any, answer: Callable[[Batch], Any]) -> tuple[list[Any], Any]:
    """Play with a small network and a scripted attacker; the views shown, and the rounds."""
    script, views = scenario.turns(), []
    turn = next(script)
    try:
        while True:
            views.append(turn.view)
            if isinstance(turn, DefenderTurn):
                sizes = (turn.view.train.x.shape[1], turn.view.classes)
                turn = script.send(Deployment(mlp(sizes, rng=default_rng(0))))
            else:
                turn = script.send(answer(turn.view.field))
    except StopIteration as end:
        return views, end.value


def _still(field: Batch) -> Perturbation:
    return Perturbation(field.x.copy())


def _same_deal(scenario: Any) -> None:
    first, second = (fingerprint(_script(scenario, _still)[0]) for _ in range(2))
    if first != second:
        raise NonConformance("two scripts of the same scenario dealt differently: key every draw by content")


def _fields_are_fresh(scenario: Any) -> None:
    views, _ = _script(scenario, _still)
    fields = [v.field for v in views if not isinstance(v, DefenderView)]
    train = [v.train for v in views if isinstance(v, DefenderView)][:1]
    rows = [_rows(batch) for batch in (*fields, *train)]
    if sum(map(len, rows)) != len(set().union(*rows)):
        raise NonConformance(
            "a row is in two fields, or in a field and in the training rows: it would be scored after it was shown"
        )


def _rows(batch: Batch) -> set[bytes]:
    return {row.tobytes() for row in batch.x}


def _refuses(scenario: Any) -> None:
    wrong: tuple[Callable[[Batch], Any], ...] = (
        lambda field: Perturbation(np.full_like(field.x, np.nan)),
        lambda field: Perturbation(np.where(field.x > 0.5, -0.5, 1.5).astype(np.float32)),
        lambda field: Perturbation(field.x[1:]),
        lambda field: field.x,
    )
    for answer in wrong:
        try:
            _script(scenario, answer)
        except IllegalMove:
            continue
        except ArenaError as error:
            raise NonConformance(f"an illegal move must raise IllegalMove; got {type(error).__name__}") from error
        raise NonConformance(
            "it accepted a move with NaN, out of the box, of the wrong shape, or that is no Perturbation"
        )


def _standing_still(scenario: Any) -> None:
    for scored in _script(scenario, _still)[1]:
        if not np.array_equal(scored.clean, scored.attacked):
            raise NonConformance("the identity move changed an outcome")


def _shows(scenario: Any) -> None:
    promised = DisturbanceView if scenario.shows is DisturbanceView else _SHOWN[scenario.threat.access]
    for view in _script(scenario, _still)[0]:
        if not isinstance(view, DefenderView) and (type(view) is not scenario.shows or type(view) is not promised):
            raise NonConformance(
                f"access '{scenario.threat.access}' means a {promised.__name__}; the scenario announces a"
                f" {scenario.shows.__name__} and shows a {type(view).__name__}"
            )
