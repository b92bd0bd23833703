"""What an attacker must pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, leaves_alone, state, travels
from arena.conformance.disturbances import disturbance_checks
from arena.conformance.poisoning import poisoner_checks
from arena.conformance.regression import state_attacker_checks
from arena.conformance.tampering import tamperer_checks
from arena.conformance.task import FIELD, TRAIN, blobs, network
from arena.players import needs, seat
from arena.poisoning.view import PoisonView
from arena.referee import Referee
from arena.regression import RegressorView
from arena.tampering import TamperView
from arena.threat import Ball
from arena.views import DisturbanceView, GradientView


def attacker_checks(attacker: Any, *, balls: tuple[Ball, ...] | None = None) -> Iterator[Check]:
    """The rules for an attacker: legal moves, read-only views, no memory, same stream same move, and not doing nothing."""
    if issubclass(needs(attacker), PoisonView):
        yield from poisoner_checks(attacker)
        return
    if issubclass(needs(attacker), TamperView):
        yield from tamperer_checks(attacker)
        return
    if issubclass(needs(attacker), RegressorView):
        yield from state_attacker_checks(attacker)
        return
    if issubclass(needs(attacker), DisturbanceView):
        yield from disturbance_checks(attacker)
        return
    for ball in balls or (Ball(0.15), Ball(0.5, "l2"), Ball(1.5, "l1"), Ball(0.01)):
        tag = f"[{ball.norm} {ball.radius:g}]"
        yield Check(f"stays-legal{tag}", lambda ball=ball: _stays_legal(attacker, ball))  # type: ignore[misc]  # mypy cannot type a default in a lambda
    yield Check("moves-something", lambda: _moves_something(attacker))
    yield Check("leaves-the-view-alone", lambda: leaves_alone(attacker, _view()))
    yield Check("same-stream-same-move", lambda: _same_attack(attacker))
    yield Check("no-memory-between-matches", lambda: _no_memory(attacker))
    yield Check("has-an-identity", lambda: identity(attacker))
    yield Check("travels", lambda: travels(attacker))


def _view(ball: Ball = Ball(0.15), field: Batch = FIELD) -> GradientView:
    return GradientView(Batch(field.x.copy(), field.y.copy()), ball, network(), shadow=TRAIN)


def _stays_legal(attacker: Any, ball: Ball) -> None:
    seat(attacker, GradientView, "conformance")
    Referee(ball).judge(attacker.move(_view(ball), default_rng(0)), FIELD)


def _moves_something(attacker: Any) -> None:
    still = attacker.move(_view(Ball(0.5)), default_rng(0)).x == FIELD.x
    if still.all():
        raise NonConformance("every row came back as it was: an attacker that does nothing is no attacker")


def _same_attack(attacker: Any) -> None:
    first, second = (attacker.move(_view(), default_rng(5)).x for _ in range(2))
    if not np.array_equal(first, second):
        raise NonConformance("the same view and the same stream gave two different moves: draw from `rng` alone")


def _no_memory(attacker: Any) -> None:
    before = state(attacker)
    first = attacker.move(_view(), default_rng(5)).x
    attacker.move(_view(Ball(0.4), blobs(30, 9)), default_rng(6))
    again = attacker.move(_view(), default_rng(5)).x
    if state(attacker) != before or not np.array_equal(first, again):
        raise NonConformance("it keeps state between matches: a player holds hyperparameters alone")
