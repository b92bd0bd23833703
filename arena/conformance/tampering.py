"""What a tamperer, and a scenario of tampering, must pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, state, travels
from arena.conformance.task import FIELD, TRAIN, network
from arena.engine import Sequential, mlp
from arena.errors import IllegalMove, InvalidValue
from arena.moves import Deployment, Tampered
from arena.players import seat
from arena.referee import fingerprint
from arena.scenario import DefenderTurn
from arena.tampering import TamperReferee, TamperView, WeightAllowance
from arena.threat import Ball

_ALLOWANCES = WeightAllowance(0.05), WeightAllowance(None, 3)


def tamperer_checks(tamperer: Any) -> Iterator[Check]:
    """The rules for a tamperer: legal weights for a radius or for bits, its view left alone, no memory."""
    yield Check("stays-legal", lambda: _stays_legal(tamperer))
    yield Check("leaves-the-view-alone", lambda: _leaves_view_alone(tamperer))
    yield Check("same-stream-same-move", lambda: _same_move(tamperer))
    yield Check("has-an-identity", lambda: identity(tamperer))
    yield Check("travels", lambda: travels(tamperer))


def tampering_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario of tampering: illegal weights refused, standing still costs nothing."""
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: _standing_still(scenario))


def _views(tamperer: Any) -> list[TamperView]:
    """The views that the tamperer has an answer to, one or two."""
    views = []
    for allowance in _ALLOWANCES:
        view = TamperView(Batch(TRAIN.x.copy(), TRAIN.y.copy()), Ball(0.1), network(), allowance)
        try:
            tamperer.move(view, default_rng(0))
        except InvalidValue:
            continue
        views.append(view)
    return views


def _stays_legal(tamperer: Any) -> None:
    seat(tamperer, TamperView, "conformance")
    views = _views(tamperer)
    for view in views:
        move = tamperer.move(view, default_rng(0))
        TamperReferee(view.allowance).judge(move, view.model)
        if fingerprint(move) == fingerprint(view.model):
            raise NonConformance("no weight has changed: a tamperer that does nothing is none")
    if not views:
        raise NonConformance("it answers neither a radius nor bits")


def _leaves_view_alone(tamperer: Any) -> None:
    for view in _views(tamperer):
        before = fingerprint(view)
        tamperer.move(view, default_rng(0))
        if fingerprint(view) != before:
            raise NonConformance("it changed the network it was shown; copy its weights first")


def _same_move(tamperer: Any) -> None:
    before = state(tamperer)
    for view in _views(tamperer):
        first, second = (fingerprint(tamperer.move(view, default_rng(5))) for _ in range(2))
        if first != second or state(tamperer) != before:
            raise NonConformance(
                "the same view and stream gave two moves, or the player changed: draw from `rng` alone"
            )


def _script(scenario: Any, answer: Any) -> Any:
    script = scenario.turns()
    turn = next(script)
    try:
        while True:
            if isinstance(turn, DefenderTurn):
                sizes = (turn.view.train.x.shape[1], turn.view.classes)
                turn = script.send(Deployment(mlp(sizes, rng=default_rng(0))))
            else:
                turn = script.send(answer(turn.view.model))
    except StopIteration as end:
        return end.value


def _scaled(model: Sequential, factor: float) -> Tampered:
    return Tampered(tuple(tuple((factor * p).astype(p.dtype) for p in layer) for layer in model.params))


def _refuses(scenario: Any) -> None:
    for answer in (
        lambda m: _scaled(m, 3.7),
        lambda m: _scaled(m, np.nan),
        lambda m: Tampered(m.params[:1][:0]),
        lambda m: FIELD,
    ):
        try:
            _script(scenario, answer)
        except IllegalMove:
            continue
        raise NonConformance("it accepted weights out of reach, with NaN, too few, or no weights at all")


def _standing_still(scenario: Any) -> None:
    for scored in _script(scenario, lambda model: Tampered(model.params)):
        if not np.array_equal(scored.clean, scored.attacked):
            raise NonConformance("the same weights changed an outcome")
