"""What every defender must pass, whatever its model foretells: pure inference, honest gradients, no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.conformance.check import Check, NonConformance, identity, state, travels
from arena.conformance.task import FIELD
from arena.engine import Model, check_model
from arena.referee import fingerprint


def deployment_checks(defender: Any, deployed: Callable[[Any], Model]) -> Iterator[Check]:
    """The rules for a defender that `deployed` brings to the small task, and for the model it deploys there."""
    yield Check("inference-is-deterministic", lambda: _deterministic(deployed(defender)))
    yield Check(
        "gradients-agree-with-finite-differences",
        lambda: check_model(deployed(defender), FIELD.x[:4], rng=default_rng(0)),
    )
    yield Check("same-stream-same-model", lambda: _same_model(defender, deployed))
    yield Check("has-an-identity", lambda: identity(defender))
    yield Check("travels", lambda: travels(defender))


def _deterministic(model: Model) -> None:
    before = fingerprint(model)
    if not np.array_equal(model.logits(FIELD.x), model.logits(FIELD.x)) or fingerprint(model) != before:
        raise NonConformance("asking twice gives different answers, or changes the model: inference is a pure function")


def _same_model(defender: Any, deployed: Callable[[Any], Model]) -> None:
    before = state(defender)
    first, second = (deployed(defender).logits(FIELD.x) for _ in range(2))
    if not np.array_equal(first, second) or state(defender) != before:
        raise NonConformance(
            "the same view and stream gave two models, or the player changed: it holds hyperparameters alone"
        )
