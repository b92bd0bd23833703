"""What a defender must pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.conformance.check import Check, NonConformance
from arena.conformance.deployment import deployment_checks
from arena.conformance.regression import regressor_checks
from arena.conformance.task import FIELD, TRAIN
from arena.engine import Model
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
    yield from deployment_checks(defender, _deployed)
    yield Check("beats-chance-when-clean", lambda: _beats_chance(_deployed(defender)))
    yield Check("leaves-the-view-alone", lambda: _leaves_training_rows_alone(defender))


def _deployed(defender: Any) -> Model:
    view = DefenderView(TRAIN, 4, ThreatModel(ball=Ball(0.1)))
    return Referee(Ball(0.1)).examine(defender.move(view, default_rng(0)), 16, 4)


def _legal_model(defender: Any) -> None:
    seat(defender, DefenderView, "conformance")
    logits = np.asarray(_deployed(defender).logits(FIELD.x))
    if logits.shape != (len(FIELD), 4) or not np.isfinite(logits).all():
        raise NonConformance(f"logits must be finite, of shape ({len(FIELD)}, 4); got {logits.shape}, or NaN")


def _beats_chance(model: Model) -> None:
    accuracy = hits(model, FIELD).mean()
    if not accuracy > 0.5:
        raise NonConformance(f"clean accuracy on four separated clusters is {accuracy:.0%}; chance is 25 %")


def _leaves_training_rows_alone(defender: Any) -> None:
    before = fingerprint(TRAIN)
    _deployed(defender)
    if fingerprint(TRAIN) != before:
        raise NonConformance("it changed the training rows it was shown; copy them first")
