"""What a tamperer, and a scenario of tampering, must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, leaves_alone, same_move, travels
from arena.conformance.script import refuses, standing_still
from arena.conformance.task import TRAIN, network
from arena.engine import Sequential
from arena.errors import InvalidValue
from arena.moves import Tampered
from arena.players import seat
from arena.referee import fingerprint
from arena.tampering import TamperReferee, TamperView, WeightAllowance
from arena.threat import Ball

Deal: TypeAlias = Callable[[], TamperView]
_ALLOWANCES = WeightAllowance(0.05), WeightAllowance(None, 3)


def tamperer_checks(tamperer: Any) -> Iterator[Check]:
    """The rules for a tamperer: legal weights for a radius or for bits, its view left alone, no memory."""
    yield Check("stays-legal", lambda: _stays_legal(tamperer))
    yield Check("leaves-the-view-alone", lambda: _each(tamperer, lambda deal: leaves_alone(tamperer, deal())))
    yield Check("same-stream-same-move", lambda: _each(tamperer, lambda deal: same_move(tamperer, deal)))
    yield Check("has-an-identity", lambda: identity(tamperer))
    yield Check("travels", lambda: travels(tamperer))


def tampering_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario of tampering: illegal weights refused, standing still costs nothing."""
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: standing_still(scenario, _idle))


def _each(tamperer: Any, check: Callable[[Deal], None]) -> None:
    """Check the tamperer on every allowance that it has an answer to, one or two."""
    answered = 0
    for allowance in _ALLOWANCES:
        deal = partial(_view, allowance)
        try:
            tamperer.move(deal(), default_rng(0))
        except InvalidValue:
            continue
        check(deal)
        answered += 1
    if not answered:
        raise NonConformance("it answers neither a radius nor bits")


def _view(allowance: WeightAllowance) -> TamperView:
    return TamperView(Batch(TRAIN.x.copy(), TRAIN.y.copy()), Ball(0.1), network(), allowance)


def _stays_legal(tamperer: Any) -> None:
    def judged(deal: Deal) -> None:
        view = deal()
        move = tamperer.move(view, default_rng(0))
        TamperReferee(view.allowance).judge(move, view.model)
        if fingerprint(move) == fingerprint(view.model):
            raise NonConformance("no weight has changed: a tamperer that does nothing is none")

    seat(tamperer, TamperView, "conformance")
    _each(tamperer, judged)


def _refuses(scenario: Any) -> None:
    wrong: tuple[Callable[[TamperView], Any], ...] = (
        lambda view: _scaled(view.model, 3.7),
        lambda view: _scaled(view.model, np.nan),
        lambda view: Tampered(()),
        lambda view: view.model,
    )
    refuses(scenario, wrong, "weights out of reach, with NaN, too few, or no weights at all")


def _scaled(model: Sequential, factor: float) -> Tampered:
    return Tampered(tuple(tuple((factor * p).astype(p.dtype) for p in layer) for layer in model.params))


def _idle(view: TamperView) -> Tampered:
    return Tampered(view.model.params)
