"""What a disturbance must pass: an attacker's rules, but for the ball."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, leaves_alone, same_move, travels
from arena.conformance.task import FIELD
from arena.players import seat
from arena.referee import Referee
from arena.threat import Ball
from arena.views import DisturbanceView

_BOX = Ball(1.0)


def disturbance_checks(disturbance: Any) -> Iterator[Check]:
    """The rules for a disturbance: it stays in the box, leaves its view alone, has no memory, and does something."""
    yield Check("stays-in-the-box", lambda: _stays(disturbance))
    yield Check("leaves-the-view-alone", lambda: leaves_alone(disturbance, _view()))
    yield Check("same-stream-same-move", lambda: same_move(disturbance, _view))
    yield Check("has-an-identity", lambda: identity(disturbance))
    yield Check("travels", lambda: travels(disturbance))


def _view() -> DisturbanceView:
    return DisturbanceView(Batch(FIELD.x.copy(), FIELD.y.copy()), _BOX, (4, 4))


def _stays(disturbance: Any) -> None:
    seat(disturbance, DisturbanceView, "conformance")
    judged = Referee(_BOX).judge(disturbance.move(_view(), default_rng(0)), FIELD)
    if np.array_equal(judged.x, FIELD.x):
        raise NonConformance("every row came back as it was: a disturbance that does nothing is none")
