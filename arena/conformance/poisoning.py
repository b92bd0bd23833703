"""What a poisoner, and a scenario of poisoning, must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.random import Generator, default_rng

from arena.batch import Batch
from arena.conformance.check import Check, NonConformance, identity, leaves_alone, same_move, travels
from arena.conformance.script import played, refuses, same_deal, standing_still
from arena.conformance.task import FIELD, TRAIN, network
from arena.engine import Model
from arena.moves import Perturbation, Poison
from arena.players import seat
from arena.poisoning.referee import Poisoned, PoisonReferee
from arena.poisoning.view import Goal, PoisonView, TriggerView
from arena.threat import Ball, Contamination

_WIDE = Contamination(0.2, may_edit=Ball(1.0), may_insert=True)


def poisoner_checks(poisoner: Any) -> Iterator[Check]:
    """The rules for a poisoner: legal poison, read-only views, no memory, same stream same move, and not doing nothing."""
    yield Check("stays-legal", lambda: _stays_legal(poisoner))
    yield Check("poisons-something", lambda: _poisons_something(poisoner))
    yield Check("answers-a-trigger-view", lambda: _answers_trigger_view(poisoner))
    yield Check("leaves-the-view-alone", lambda: leaves_alone(poisoner, _view()))
    yield Check("same-stream-same-move", lambda: same_move(poisoner, _view))
    yield Check("has-an-identity", lambda: identity(poisoner))
    yield Check("travels", lambda: travels(poisoner))


def poisoning_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario of poisoning: the same deal every time, illegal poison refused, doing nothing costs nothing."""
    yield Check("same-deal-every-time", lambda: same_deal(scenario, _nothing))
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: standing_still(scenario, _nothing))


def _view() -> PoisonView:
    goal = Goal("targeted", 1, 2, FIELD[:1], (FIELD.y[:1] + 1) % 4)
    train = Batch(TRAIN.x.copy(), TRAIN.y.copy())
    return PoisonView(train, len(train), 4, (4, 4), _WIDE, goal, network(), _recipe)


def _recipe(train: Batch, rng: Generator) -> Model:
    return network()


def _judged(move: object) -> Poisoned:
    return PoisonReferee(_WIDE, TRAIN, 4, len(TRAIN)).judge(move)


def _stays_legal(poisoner: Any) -> None:
    seat(poisoner, PoisonView, "conformance")
    _judged(poisoner.move(_view(), default_rng(0)))


def _poisons_something(poisoner: Any) -> None:
    if not _judged(poisoner.move(_view(), default_rng(0))).touched.any():
        raise NonConformance("no row was touched: a poisoner that does nothing is no poisoner")


def _answers_trigger_view(poisoner: Any) -> None:
    view = _view()
    shown = TriggerView(**{name: getattr(view, name) for name in view.__dataclass_fields__}, field=FIELD)
    move = poisoner.move(shown, default_rng(0))
    if not isinstance(move, Perturbation) or np.shape(move.x) != FIELD.x.shape:
        raise NonConformance(
            "a TriggerView is answered with a Perturbation of its field; without a trigger, with its rows"
        )


def _nothing(view: Any) -> Poison:
    return Poison(np.zeros(0, np.intp))


def _refuses(scenario: Any) -> None:
    every = np.arange(len(played(scenario, _nothing)[0][0].train))
    wrong: tuple[Callable[[PoisonView], Any], ...] = (
        lambda v: Poison(every[: len(v.train)], y=(v.train.y + 1) % v.classes),
        lambda v: Poison(np.zeros(2, np.intp)),
        lambda v: Poison(every[:1], x=np.full_like(v.train.x[:1], np.nan)),
        lambda v: Poison(every[:1], y=np.full(1, v.classes)),
        lambda v: v.train,
    )
    refuses(scenario, wrong, "poison over the limit, twice of one row, with NaN, of no class, or of no kind")
