"""What a regressor, the attacker of one, and a scenario of regression must pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.conformance.check import Check, NonConformance, identity, leaves_alone, same_move, travels
from arena.conformance.deployment import deployment_checks
from arena.conformance.task import FIELD, TRAIN
from arena.engine import MeanSquaredError, Model, Sequential, fit, fitted, mlp
from arena.players import seat
from arena.regression import Measurements, RegressionReferee, RegressionView, RegressorView, errors
from arena.threat import Ball, ThreatModel

_SLOPE = default_rng(11).standard_normal(16)
_TRAIN, _FIELD = (Measurements(rows.x, rows.x @ _SLOPE) for rows in (TRAIN, FIELD))


def state_attacker_checks(attacker: Any) -> Iterator[Check]:
    """The rules for an attacker of measured states: legal moves that harm, its view left alone, no memory."""
    for ball in (Ball(0.15), Ball(0.5, "l2"), Ball(1.5, "l1"), Ball(0.01)):
        tag = f"[{ball.norm} {ball.radius:g}]"
        yield Check(f"stays-legal{tag}", lambda ball=ball: _stays_legal(attacker, ball))  # type: ignore[misc]  # mypy cannot type a default in a lambda
    yield Check("moves-something", lambda: _moves_something(attacker))
    yield Check("leaves-the-view-alone", lambda: leaves_alone(attacker, _view()))
    yield Check("same-stream-same-move", lambda: same_move(attacker, _view))
    yield Check("has-an-identity", lambda: identity(attacker))
    yield Check("travels", lambda: travels(attacker))


def regressor_checks(defender: Any) -> Iterator[Check]:
    """The rules for a regressor: one finite deterministic output, honest gradients, no worse than the mean, no memory."""
    yield Check("deploys-a-legal-model", lambda: _legal_model(defender))
    yield from deployment_checks(defender, _deployed)
    yield Check("no-worse-than-the-mean", lambda: _no_worse(_deployed(defender)))
    yield Check("leaves-the-view-alone", lambda: leaves_alone(defender, _shown()))


def _shown() -> RegressionView:
    return RegressionView(_TRAIN, ThreatModel(ball=Ball(0.1)))


def _view(ball: Ball = Ball(0.15)) -> RegressorView:
    model = _network()
    own = model.with_params(tuple(tuple(p.copy() for p in layer) for layer in model.params))
    return RegressorView(Measurements(FIELD.x.copy(), _FIELD.y.copy()), ball, own)


@cache
def _network() -> Sequential:
    rng = default_rng(3)
    return fitted(
        fit(mlp((16, 24, 1), rng=rng), _TRAIN.x, _TRAIN.y[:, None], rng=rng, epochs=15, loss=MeanSquaredError())  # type: ignore[arg-type]  # targets, not labels
    )


def _stays_legal(attacker: Any, ball: Ball) -> None:
    seat(attacker, RegressorView, "conformance")
    RegressionReferee(ball, 0.1).judge(attacker.move(_view(ball), default_rng(0)), _FIELD)


def _moves_something(attacker: Any) -> None:
    if (attacker.move(_view(Ball(0.5)), default_rng(0)).x == FIELD.x).all():
        raise NonConformance("every row came back as it was: an attacker that does nothing is no attacker")


def _deployed(defender: Any) -> Model:
    return RegressionReferee(Ball(0.1), 0.1).examine(defender.move(_shown(), default_rng(0)), 16, 1)


def _legal_model(defender: Any) -> None:
    seat(defender, RegressionView, "conformance")
    if not np.isfinite(errors(_deployed(defender), _FIELD)).all():
        raise NonConformance(f"a regressor gives a finite value for each of {len(FIELD)} rows")


def _no_worse(model: Model) -> None:
    own, mean = (errors(model, _FIELD) ** 2).mean(), ((_FIELD.y - _TRAIN.y.mean()) ** 2).mean()
    if not own <= 1.01 * mean:
        raise NonConformance(
            f"its mean squared error of a linear function is {own:.3g}; always the mean has {mean:.3g}"
        )
