"""What a disturbance must pass: an attacker's rules, but for the ball."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, state, travels
from arena.conformance.task import FIELD
from arena.players import seat
from arena.referee import Referee, fingerprint
from arena.threat import Ball
from arena.views import DisturbanceView

_BOX = Ball(1.0)


def disturbance_checks(disturbance: Any) -> Iterator[Check]:
    """The rules for a disturbance: it stays in the box, leaves its view alone, has no memory, and does something."""
    yield Check("stays-in-the-box", lambda: _stays(disturbance))
    yield Check("leaves-the-view-alone", lambda: _leaves_view_alone(disturbance))
    yield Check("same-stream-same-move", lambda: _same_move(disturbance))
    yield Check("has-an-identity", lambda: identity(disturbance))
    yield Check("travels", lambda: travels(disturbance))


def _view() -> DisturbanceView:
    return DisturbanceView(Batch(FIELD.x.copy(), FIELD.y.copy()), _BOX, (4, 4))


def _stays(disturbance: Any) -> None:
    seat(disturbance, DisturbanceView, "conformance")
    judged = Referee(_BOX).judge(disturbance.move(_view(), default_rng(0)), FIELD)
    if np.array_equal(judged.x, FIELD.x):
        raise NonConformance("every row came back as it was: a disturbance that does nothing is none")


def _leaves_view_alone(disturbance: Any) -> None:
    view = _view()
    before = fingerprint(view)
    disturbance.move(view, default_rng(0))
    if fingerprint(view) != before:
        raise NonConformance("it changed the arrays it was shown; copy them first")


def _same_move(disturbance: Any) -> None:
    before = state(disturbance)
    first, second = (disturbance.move(_view(), default_rng(5)).x for _ in range(2))
    if not np.array_equal(first, second) or state(disturbance) != before:
        raise NonConformance("the same view and stream gave two moves, or the player changed: draw from `rng` alone")
