"""Regressors and the attack on them, against closed forms; and what their conformance checks catch."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from agents.attackers import StateAscent
from agents.defenders import AdversarialRegression, ConstantRegression, LipschitzRegression, NearestRow, Regression
from agents.defenders.regression import standardising
from arena import Ball, Deployment, Perturbation
from arena.conformance import NonConformance, attacker_checks, defender_checks
from arena.engine import Dense, Sequential
from arena.errors import InvalidValue
from arena.regression import Measurements, RegressionReferee, RegressionView, RegressorView, errors
from arena.threat import ThreatModel

RNG = np.random.default_rng


@pytest.mark.parametrize(
    ("ball", "dual"),
    [(Ball(0.02), lambda w: np.abs(w).sum()), (Ball(0.02, "l2"), np.linalg.norm), (Ball(0.02, "l1"), lambda w: np.abs(w).max())],
    ids=["linf", "l2", "l1"],
)  # fmt: skip
def test_ascent_finds_the_worst_state_of_a_linear_model(ball, dual):
    w = np.array([0.3, -0.4, 1.2])
    x, y = RNG(0).uniform(0.2, 0.8, (50, 3)), RNG(1).normal(size=50)
    model, field_ = Sequential((Dense.of(w[:, None].astype(np.float32)),)), Measurements(x, y)
    move = StateAscent(draws=0, restarts=1).move(RegressorView(field_, ball, model), RNG(0))
    answer = RegressionReferee(ball, 0.1).judge(move, field_)
    np.testing.assert_allclose(errors(model, answer), errors(model, field_) + 0.02 * dual(w), rtol=1e-5)


def test_a_model_without_slope_is_searched_at_random():
    rows = Measurements(RNG(0).random((200, 3)), RNG(1).normal(size=200))
    model = NearestRow().move(RegressionView(rows, ThreatModel(ball=Ball(0.2))), RNG(0)).model
    view = RegressorView(rows, Ball(0.2, "l2"), model)
    blind, seeing = (StateAscent(draws=draws, restarts=1).move(view, RNG(0)).x for draws in (0, 50))
    found = [errors(model, Measurements(x, rows.y)).mean() for x in (blind, seeing)]
    assert found[0] < 0.5 < 1.0 < found[1]


def shown():
    x = RNG(0).random((300, 3), dtype=np.float32)
    return RegressionView(Measurements(x, np.abs(x[:, 0] - 0.5)), ThreatModel(ball=Ball(0.05, "l2")))


def test_guesses_are_the_mean_the_given_value_and_the_nearest_measurement():
    view = shown()
    mean, zero, nearest = (
        player.move(view, RNG(0)).model.logits(view.train.x[:5])[:, 0]
        for player in (ConstantRegression(), ConstantRegression(value=0.0), NearestRow())
    )
    np.testing.assert_allclose(mean, view.train.y.mean(), rtol=1e-6)
    assert not zero.any()
    np.testing.assert_array_equal(nearest, view.train.y[:5])
    with pytest.raises(InvalidValue, match="finite"):
        ConstantRegression(value=np.inf)


def test_rows_are_standardised_and_a_column_that_never_changes_is_none_the_worse():
    x = np.column_stack([RNG(0).normal(3, 2, 500), np.full(500, 7.0)]).astype(np.float32)
    layer = standardising(x)
    h = x @ layer.W + layer.b
    np.testing.assert_allclose(h[:, 0].mean(), 0, atol=1e-5)
    np.testing.assert_allclose(h[:, 0].std(), 1, rtol=1e-5)
    np.testing.assert_allclose(h[:, 1], 0, atol=1e-5)


def test_a_bound_that_never_binds_changes_no_bit_and_training_learns():
    view = shown()
    free, loose = (
        player.move(view, RNG(0)).model.logits(view.train.x)
        for player in (Regression(epochs=40), LipschitzRegression(epochs=40, kappa=1e6))
    )
    np.testing.assert_array_equal(free, loose)
    assert np.abs(free[:, 0] - view.train.y).mean() < 0.03


def test_a_regressor_trained_on_attacks_of_itself_stands_better():
    view = shown()

    def worst(player):
        model = player.move(view, RNG(0)).model
        seen = RegressorView(view.train, view.threat.ball, model)
        return errors(model, Measurements(StateAscent().move(seen, RNG(1)).x, view.train.y)).max()

    assert worst(AdversarialRegression(epochs=20)) < worst(Regression(epochs=20))


@dataclass
class Careless:
    """An attacker of states that breaks a rule."""

    does: str
    seen: list = field(default_factory=list)

    def move(self, view: RegressorView, rng):
        x = StateAscent(steps=2, draws=0).move(view, rng).x
        if self.does == "nothing":
            return Perturbation(view.field.x.copy())
        if self.does == "leaves by a little":
            x = (x + 1e-4 * np.sign(x - view.field.x)).astype(np.float32)
        if self.does == "NaN":
            x[0, 0] = np.nan
        if self.does == "writes into the field":
            view.field.x[...] = 0
        if self.does == "writes into the truth":
            view.field.y[...] = 0
        if self.does == "writes into the model":
            view.model.layers[0].b[...] += 1
        if self.does == "remembers":
            self.seen.append(1)
        if self.does == "own dice":
            x = view.ball.uniform(view.field.x, RNG())
        return Perturbation(x)


@dataclass
class Learner:
    """A regressor that breaks a rule."""

    does: str

    def move(self, view: RegressionView, rng):
        outputs = 2 if self.does == "two outputs" else 1
        W, b = np.zeros((view.train.x.shape[1], outputs)), np.full(outputs, view.train.y.mean())
        if self.does == "far off":
            b += 10
        if self.does == "NaN":
            return Deployment(Sequential((Dense(W * np.nan, b),)))
        if self.does == "writes":
            view.train.y[...] = 0
        if self.does == "own dice":
            W += 1e-3 * RNG().normal(size=W.shape)
        return Deployment(Sequential((Dense.of(W, b),)))


def caught(checks):
    broken = set()
    for check in checks:
        try:
            check()
        except NonConformance:
            broken.add(check.name)
    return broken


@pytest.mark.parametrize(
    ("does", "rule"),
    [("nothing", "moves-something"), ("leaves by a little", "stays-legal[linf 0.15]"), ("NaN", "stays-legal[linf 0.15]"),
     ("writes into the field", "leaves-the-view-alone"), ("writes into the truth", "leaves-the-view-alone"),
     ("writes into the model", "leaves-the-view-alone"), ("remembers", "same-stream-same-move"),
     ("own dice", "same-stream-same-move")],
)  # fmt: skip
def test_an_attacker_of_states_that_breaks_a_rule_is_caught(does, rule):
    assert rule in caught(attacker_checks(Careless(does)))


@pytest.mark.parametrize(
    ("does", "rule"),
    [("two outputs", "deploys-a-legal-model"), ("NaN", "deploys-a-legal-model"), ("far off", "no-worse-than-the-mean"),
     ("writes", "leaves-the-view-alone"), ("own dice", "same-stream-same-model")],
)  # fmt: skip
def test_a_regressor_that_breaks_a_rule_is_caught(does, rule):
    assert rule in caught(defender_checks(Learner(does)))


def test_players_that_keep_the_rules_are_not_caught():
    assert caught(attacker_checks(Careless("no harm"))) == set()
    assert caught(defender_checks(Learner("no harm"))) == set()


@pytest.mark.parametrize("player", [Regression(epochs=20), LipschitzRegression(epochs=20)], ids=["free", "bounded"])
def test_no_search_by_chance_finds_much_that_ascent_has_missed(player):
    view = shown()
    model = player.move(view, RNG(0)).model
    found = StateAscent(draws=0).move(RegressorView(view.train, view.threat.ball, model), RNG(1)).x
    most, rng = errors(model, Measurements(found, view.train.y)), RNG(2)
    drawn = (view.threat.ball.uniform(view.train.x, rng) for _ in range(2000))
    best = np.max([errors(model, Measurements(x, view.train.y)) for x in drawn], axis=0)
    assert np.maximum(best - most, 0).mean() < 0.003 * most.mean()
    assert (most > best).mean() > 0.8
