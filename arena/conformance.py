"""Checks that a player or a scenario must pass, yielded one by one, for anyone's tests.

    @pytest.mark.parametrize("check", attacker_checks(MyAttack()), ids=str)
    def test_keeps_the_rules(check):
        check()

Each check raises NonConformance that names the rule. They run on a small task of their own: no data, no training set.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import default_rng

from arena.batch import Batch
from arena.engine import Adam, Model, Sequential, check_model, fit, fitted, mlp
from arena.errors import ArenaError, IllegalMove
from arena.moves import Perturbation
from arena.players import seat, spec
from arena.referee import Referee, fingerprint, hits
from arena.scenario import AttackerTurn, DefenderTurn
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView, GradientView


class NonConformance(AssertionError):
    """A player or a scenario breaks a rule of the house."""


@dataclass(frozen=True)
class Check:
    """One rule; call it to find out, str() names it."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        """Raise NonConformance if the rule is broken."""
        try:
            self.run()
        except NonConformance as error:
            raise NonConformance(f"{self.name}: {error}") from error
        except Exception as error:
            raise NonConformance(f"{self.name}: {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        return self.name


def attacker_checks(attacker: Any, *, balls: tuple[Ball, ...] | None = None) -> Iterator[Check]:
    """The rules for an attacker: legal moves, read-only views, no memory, same stream same move, and not doing nothing."""
    for ball in balls or (Ball(0.15), Ball(0.5, "l2"), Ball(1.5, "l1"), Ball(0.01)):
        tag = f"[{ball.norm} {ball.radius:g}]"
        yield Check(f"stays-legal{tag}", lambda ball=ball: _stays_legal(attacker, ball))  # type: ignore[misc]  # mypy cannot type a default in a lambda
    yield Check("moves-something", lambda: _moves_something(attacker))
    yield Check("leaves-the-view-alone", lambda: _leaves_the_view_alone(attacker))
    yield Check("same-stream-same-move", lambda: _same_attack(attacker))
    yield Check("no-memory-between-matches", lambda: _no_memory(attacker))
    yield Check("has-an-identity", lambda: _identity(attacker))
    yield Check("travels", lambda: _travels(attacker))


def defender_checks(defender: Any) -> Iterator[Check]:
    """The rules for a defender: finite deterministic logits, honest gradients, better than chance, no memory."""
    yield Check("deploys-a-legal-model", lambda: _legal_model(defender))
    yield Check("inference-is-deterministic", lambda: _deterministic(_deployed(defender)))
    yield Check("gradients-agree-with-finite-differences", lambda: check_model(_deployed(defender), _FIELD.x[:4], rng=default_rng(0)))
    yield Check("beats-chance-when-clean", lambda: _beats_chance(_deployed(defender)))
    yield Check("leaves-the-view-alone", lambda: _leaves_training_rows_alone(defender))
    yield Check("same-stream-same-model", lambda: _same_model(defender))
    yield Check("has-an-identity", lambda: _identity(defender))
    yield Check("travels", lambda: _travels(defender))


def scenario_checks(scenario: Any) -> Iterator[Check]:
    """The rules for a scenario: the same deal every time, fresh fields, illegal moves refused, no more shown than promised."""
    yield Check("same-deal-every-time", lambda: _same_deal(scenario))
    yield Check("fields-are-fresh", lambda: _fields_are_fresh(scenario))
    yield Check("refuses-illegal-moves", lambda: _refuses(scenario))
    yield Check("standing-still-costs-nothing", lambda: _standing_still(scenario))
    yield Check("shows-what-it-promises", lambda: _shows(scenario))


def _blobs(n: int, seed: int) -> Batch:
    rng = default_rng(seed)
    y = rng.integers(0, 4, n)
    centres = default_rng(7).random((4, 16)) * 0.8 + 0.1
    return Batch(np.clip(centres[y] + 0.08 * rng.standard_normal((n, 16)), 0, 1).astype(np.float32), y)


_TRAIN, _FIELD = _blobs(200, 1), _blobs(48, 2)


def _network() -> Sequential:
    rng = default_rng(3)
    return fitted(fit(mlp((16, 24, 4), rng=rng), _TRAIN.x, _TRAIN.y, rng=rng, epochs=15, optimiser=Adam(learning_rate=5e-3)))


def _view(ball: Ball = Ball(0.15), field: Batch = _FIELD) -> GradientView:
    return Referee(ball).show(field, _network())


def _stays_legal(attacker: Any, ball: Ball) -> None:
    seat(attacker, GradientView, "conformance")
    Referee(ball).judge(attacker.move(_view(ball), default_rng(0)), _FIELD)


def _moves_something(attacker: Any) -> None:
    still = attacker.move(_view(Ball(0.5)), default_rng(0)).x == _FIELD.x
    if still.all():
        raise NonConformance("every row came back as it was: an attacker that does nothing is no attacker")


def _leaves_the_view_alone(attacker: Any) -> None:
    view = _view()
    before = fingerprint(view)
    try:
        attacker.move(view, default_rng(0))
    except ValueError as error:
        if "read-only" in str(error):
            raise NonConformance(f"it writes into the arrays it was shown ({error}); copy them first") from error
        raise
    if fingerprint(view) != before:
        raise NonConformance("it changed the arrays it was shown; copy them first")


def _same_attack(attacker: Any) -> None:
    first, second = (attacker.move(_view(), default_rng(5)).x for _ in range(2))
    if not np.array_equal(first, second):
        raise NonConformance("the same view and the same stream gave two different moves: draw from `rng` alone")


def _no_memory(attacker: Any) -> None:
    before = pickle.dumps(attacker)
    first = attacker.move(_view(), default_rng(5)).x
    attacker.move(_view(Ball(0.4), _blobs(30, 9)), default_rng(6))
    again = attacker.move(_view(), default_rng(5)).x
    if pickle.dumps(attacker) != before or not np.array_equal(first, again):
        raise NonConformance("it keeps state between matches: a player holds hyperparameters alone")


def _identity(player: Any) -> None:
    text = spec(player)
    if " at 0x" in text:
        raise NonConformance(f"{text} names an address: make every field a value with a stable repr")


def _travels(player: Any) -> None:
    import cloudpickle

    copy = pickle.loads(cloudpickle.dumps(player))
    if spec(copy) != spec(player):
        raise NonConformance("a pickled copy is another player: worker processes would not play the one that was entered")


def _deployed(defender: Any) -> Model:
    view = DefenderView(_TRAIN, 4, ThreatModel(ball=Ball(0.1)))
    return Referee(Ball(0.1)).examine(defender.move(view, default_rng(0)), 16, 4)


def _legal_model(defender: Any) -> None:
    seat(defender, DefenderView, "conformance")
    logits = np.asarray(_deployed(defender).logits(_FIELD.x))
    if logits.shape != (len(_FIELD), 4) or not np.isfinite(logits).all():
        raise NonConformance(f"logits must be finite, of shape ({len(_FIELD)}, 4); got {logits.shape}, or NaN")


def _deterministic(model: Model) -> None:
    before = fingerprint(model)
    if not np.array_equal(model.logits(_FIELD.x), model.logits(_FIELD.x)) or fingerprint(model) != before:
        raise NonConformance("asking twice gives different logits, or changes the model: inference is a pure function")


def _beats_chance(model: Model) -> None:
    accuracy = hits(model, _FIELD).mean()
    if not accuracy > 0.5:
        raise NonConformance(f"clean accuracy on four separated clusters is {accuracy:.0%}; chance is 25 %")


def _leaves_training_rows_alone(defender: Any) -> None:
    before = fingerprint(_TRAIN)
    _deployed(defender)
    if fingerprint(_TRAIN) != before:
        raise NonConformance("it changed the training rows it was shown; copy them first")


def _same_model(defender: Any) -> None:
    before = pickle.dumps(defender)
    first, second = (_deployed(defender).logits(_FIELD.x) for _ in range(2))
    if not np.array_equal(first, second) or pickle.dumps(defender) != before:
        raise NonConformance("the same view and stream gave two models, or the player changed: it holds hyperparameters alone")


def _script(scenario: Any, answer: Callable[[Batch], Any]) -> tuple[list[Any], Any]:
    """Play with a small network and a scripted attacker; the views shown, and the rounds."""
    import arena.moves

    script, views = scenario.turns(), []
    turn = next(script)
    try:
        while True:
            views.append(turn.view)
            if isinstance(turn, DefenderTurn):
                sizes = (turn.view.train.x.shape[1], turn.view.classes)
                turn = script.send(arena.moves.Deployment(mlp(sizes, rng=default_rng(0))))
            else:
                turn = script.send(answer(turn.view.field))
    except StopIteration as end:
        return views, end.value


def _still(field: Batch) -> Perturbation:
    return Perturbation(field.x.copy())


def _same_deal(scenario: Any) -> None:
    first, second = (fingerprint(_script(scenario, _still)[0]) for _ in range(2))
    if first != second:
        raise NonConformance("two scripts of the same scenario dealt differently: key every draw by content")


def _fields_are_fresh(scenario: Any) -> None:
    views, _ = _script(scenario, _still)
    fields = [v.field for v in views if not isinstance(v, DefenderView)]
    train = [v.train for v in views if isinstance(v, DefenderView)][:1]
    rows = [_rows(batch) for batch in (*fields, *train)]
    if sum(map(len, rows)) != len(set().union(*rows)):
        raise NonConformance("a row is in two fields, or in a field and in the training rows: it would be scored after it was shown")


def _rows(batch: Batch) -> set[bytes]:
    return {row.tobytes() for row in batch.x}


def _refuses(scenario: Any) -> None:
    wrong: tuple[Callable[[Batch], Any], ...] = (
        lambda field: Perturbation(np.full_like(field.x, np.nan)),
        lambda field: Perturbation(np.where(field.x > 0.5, -0.5, 1.5).astype(np.float32)),
        lambda field: Perturbation(field.x[1:]),
        lambda field: field.x,
    )
    for answer in wrong:
        try:
            _script(scenario, answer)
        except IllegalMove:
            continue
        except ArenaError as error:
            raise NonConformance(f"an illegal move must raise IllegalMove; got {type(error).__name__}") from error
        raise NonConformance("it accepted a move with NaN, out of the box, of the wrong shape, or that is no Perturbation")


def _standing_still(scenario: Any) -> None:
    for scored in _script(scenario, _still)[1]:
        if not np.array_equal(scored.clean, scored.attacked):
            raise NonConformance("the identity move changed an outcome")


def _shows(scenario: Any) -> None:
    views, _ = _script(scenario, _still)
    richest = {"gradients": GradientView, "scores": "ScoreView", "labels": "LabelView", "nothing": "EvasionView"}
    for view in views:
        if isinstance(view, DefenderView):
            continue
        if type(view) is not scenario.shows:
            raise NonConformance(f"it promises a {scenario.shows.__name__} and shows a {type(view).__name__}")
        name = richest[scenario.threat.access]
        if type(view).__name__ != (name if isinstance(name, str) else name.__name__):
            raise NonConformance(f"access '{scenario.threat.access}' and a {type(view).__name__} do not fit")


__all__ = ["AttackerTurn", "Check", "NonConformance", "attacker_checks", "defender_checks", "scenario_checks"]
