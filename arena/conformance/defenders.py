"""What a defender must pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.conformance.check import Check, NonConformance, identity, state, travels
from arena.conformance.regression import regressor_checks
from arena.conformance.task import FIELD, TRAIN
from arena.engine import Model, check_model
from arena.players import needs, seat
from arena.referee import Referee, fingerprint, hits
from arena.regression import RegressionView
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView


def defender_checks(defender: Any) -> Iterator[Check]:
    """The rules for a defender: finite deterministic logits, honest gradients, better than chance, no memory."""
    if issubclass(needs(defender), RegressionView):
        yield from regressor_checks(defender)
        return
    yield Check("deploys-a-legal-model", lambda: _legal_model(defender))
    yield Check("inference-is-deterministic", lambda: _deterministic(_deployed(defender)))
    yield Check(
        "gradients-agree-with-finite-differences",
        lambda: check_model(_deployed(defender), FIELD.x[:4], rng=default_rng(0)),
    )
    yield Check("beats-chance-when-clean", lambda: _beats_chance(_deployed(defender)))
    yield Check("leaves-the-view-alone", lambda: _leaves_training_rows_alone(defender))
    yield Check("same-stream-same-model", lambda: _same_model(defender))
    yield Check("has-an-identity", lambda: identity(defender))
    yield Check("travels", lambda: travels(defender))


def _deployed(defender: Any) -> Model:
    view = DefenderView(TRAIN, 4, ThreatModel(ball=Ball(0.1)))
    return Referee(Ball(0.1)).examine(defender.move(view, default_rng(0)), 16, 4)


def _legal_model(defender: Any) -> None:
    seat(defender, DefenderView, "conformance")
    logits = np.asarray(_deployed(defender).logits(FIELD.x))
    if logits.shape != (len(FIELD), 4) or not np.isfinite(logits).all():
        raise NonConformance(f"logits must be finite, of shape ({len(FIELD)}, 4); got {logits.shape}, or NaN")


def _deterministic(model: Model) -> None:
    before = fingerprint(model)
    if not np.array_equal(model.logits(FIELD.x), model.logits(FIELD.x)) or fingerprint(model) != before:
        raise NonConformance("asking twice gives different logits, or changes the model: inference is a pure function")


def _beats_chance(model: Model) -> None:
    accuracy = hits(model, FIELD).mean()
    if not accuracy > 0.5:
        raise NonConformance(f"clean accuracy on four separated clusters is {accuracy:.0%}; chance is 25 %")


def _leaves_training_rows_alone(defender: Any) -> None:
    before = fingerprint(TRAIN)
    _deployed(defender)
    if fingerprint(TRAIN) != before:
        raise NonConformance("it changed the training rows it was shown; copy them first")


def _same_model(defender: Any) -> None:
    before = state(defender)
    first, second = (_deployed(defender).logits(FIELD.x) for _ in range(2))
    if not np.array_equal(first, second) or state(defender) != before:
        raise NonConformance(
            "the same view and stream gave two models, or the player changed: it holds hyperparameters alone"
        )
