"""What a scenario must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance
from arena.conformance.poisoning import poisoning_checks
from arena.conformance.script import played, refuses, same_deal, standing_still, still
from arena.conformance.tampering import tampering_checks
from arena.moves import Perturbation
from arena.poisoning.view import PoisonView
from arena.regression import RegressorView
from arena.tampering import TamperView
from arena.views import DisturbanceView, EvasionView, GradientView, LabelView, ScoreView

_SHOWN = {"gradients": GradientView, "scores": ScoreView, "labels": LabelView, "nothing": EvasionView}


def scenario_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario: the same deal every time, fresh fields, illegal moves refused, no more shown than promised."""
    if issubclass(scenario.shows, PoisonView):
        yield from poisoning_checks(scenario)
        return
    if issubclass(scenario.shows, TamperView):
        yield from tampering_checks(scenario)
        return
    yield Check("same-deal-every-time", lambda: same_deal(scenario, still))
    yield Check("fields-are-fresh", lambda: _fields_are_fresh(scenario))
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: standing_still(scenario, still))
    yield Check("shows-what-it-promises", lambda: _shows(scenario))


def _fields_are_fresh(scenario: Any) -> None:
    views, _ = played(scenario, still)
    fields = [v.field for v in views if isinstance(v, EvasionView)]
    train = [v.train for v in views if not isinstance(v, EvasionView)][:1]
    rows = [_rows(batch) for batch in (*fields, *train)]
    if sum(map(len, rows)) != len(set().union(*rows)):
        raise NonConformance(
            "a row is in two fields, or in a field and in the training rows: it would be scored after it was shown"
        )


def _rows(batch: Batch) -> set[bytes]:
    return {row.tobytes() for row in batch.x}


def _refuses(scenario: Any) -> None:
    wrong: tuple[Callable[[EvasionView], Any], ...] = (
        lambda view: Perturbation(np.full_like(view.field.x, np.nan)),
        lambda view: Perturbation(np.where(view.field.x > 0.5, -0.5, 1.5).astype(np.float32)),
        lambda view: Perturbation(view.field.x[1:]),
        lambda view: view.field.x,
    )
    refuses(scenario, wrong, "a move with NaN, out of the box, of the wrong shape, or that is no Perturbation")


def _shows(scenario: Any) -> None:
    own = scenario.shows in (DisturbanceView, RegressorView)
    promised = scenario.shows if own else _SHOWN[scenario.threat.access]
    for view in played(scenario, still)[0]:
        if isinstance(view, EvasionView) and (type(view) is not scenario.shows or type(view) is not promised):
            raise NonConformance(
                f"access '{scenario.threat.access}' means a {promised.__name__}; the scenario announces a"
                f" {scenario.shows.__name__} and shows a {type(view).__name__}"
            )
