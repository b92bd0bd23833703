"""A deployed model whose gradients are NaN or infinite is attacked like any other: it must not cost an attacker its match."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import (
    APGD,
    CW,
    DDN,
    FGSM,
    PGD,
    AdaptivePGD,
    BestResponse,
    ExpectationOverTransformation,
    Greedy,
    MinimalNorm,
    MomentumPGD,
    MultiTargeted,
    PolicyAttacker,
    StateAscent,
    Strongest,
)
from arena import Ball, GradientView, evaluate
from arena.engine import fit, fitted, mlp
from arena.referee import Referee
from arena.regression import Measurements, RegressorView
from scenarios.data import digits

ROWS = digits().rows
FIELD = ROWS[1500:1560]
NET = fitted(fit(mlp((64, 32, 10), rng=default_rng(0)), ROWS.x[:800], ROWS.y[:800], rng=default_rng(1), epochs=30))
ATTACKERS = [
    *(APGD(steps=5), CW(steps=5, searches=2), DDN(steps=5), FGSM(), PGD(steps=5), AdaptivePGD(steps=5), BestResponse()),
    *(ExpectationOverTransformation(draws=2), Greedy(steps=3), MinimalNorm(steps=4), MomentumPGD(steps=5)),
    *(MultiTargeted(), Strongest()),
]


@dataclass(frozen=True)
class Broken:
    """Honest logits; the slope of the first `share` of the features is `slope`."""

    model: Any
    slope: float
    share: float

    features = property(lambda self: self.model.features)
    classes = property(lambda self: self.model.classes)

    def logits(self, x):
        return self.model.logits(x)

    def vjp(self, x):
        z, pull = self.model.vjp(x)

        def broken(g):
            slopes = np.array(pull(g))
            slopes[:, : int(self.share * x.shape[1])] = self.slope
            return slopes

        return z, broken


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ball", [Ball(0.1), Ball(1.0, "l2"), Ball(4.0, "l1")], ids=lambda ball: ball.norm)
@pytest.mark.parametrize("slope", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("attacker", ATTACKERS, ids=lambda attacker: type(attacker).__name__)
def test_every_attacker_answers_a_broken_gradient_with_a_legal_move(attacker, slope, ball):
    for share in (0.3, 1.0):
        move = attacker.move(GradientView(FIELD, ball, Broken(NET, slope, share)), default_rng(0))
        Referee(ball).judge(move, FIELD)


def test_where_some_slopes_are_left_they_are_followed():
    for ball in (Ball(0.1), Ball(1.0, "l2"), Ball(4.0, "l1")):
        view = GradientView(FIELD, ball, Broken(NET, np.nan, 0.2))
        x = PGD(steps=10, random_start=False).move(view, default_rng(0)).x
        kept = (NET.logits(x).argmax(axis=1) == FIELD.y).mean()
        assert kept < (NET.logits(FIELD.x).argmax(axis=1) == FIELD.y).mean() - 0.2


def test_a_gradient_that_is_not_finite_is_flagged_as_none():
    judged = evaluate(Broken(NET, np.nan, 1.0), FIELD.x, FIELD.y, FGSM(), Ball(0.1))
    assert judged.flags.zero_gradients == 1


@pytest.mark.parametrize("slope", [np.nan, np.inf])
def test_what_a_policy_observes_is_finite(slope):
    class Watching:
        def __call__(self, seen):
            assert np.isfinite(seen).all()
            return np.ones((len(seen), 64))

        def __repr__(self):
            return "watching()"

    view = GradientView(FIELD, Ball(0.1), Broken(NET, slope, 0.5))
    Referee(Ball(0.1)).judge(
        PolicyAttacker(policy=Watching(), moves="pixels", steps=3).move(view, default_rng(0)), FIELD
    )


def test_a_regressor_with_a_broken_slope_costs_nobody_a_match():
    net, field = mlp((64, 8, 1), rng=default_rng(0)), Measurements(FIELD.x, FIELD.y.astype(float))
    view = RegressorView(field, Ball(0.1, "l2"), Broken(net, np.nan, 1.0))
    assert np.isfinite(StateAscent().move(view, default_rng(0)).x).all()


@dataclass(frozen=True)
class Writing(Broken):
    """Honest answers, and then it writes into the rows it read, where there are many."""

    slope: float = 0.0
    share: float = 0.0

    def logits(self, x):
        z = self.model.logits(x)
        if len(x) > 2:
            x[1:] = 7
        return z

    def vjp(self, x):
        z, pull = self.model.vjp(x.copy())
        self.logits(x)
        return z, pull


@pytest.mark.parametrize("attacker", ATTACKERS, ids=lambda attacker: type(attacker).__name__)
def test_a_model_that_writes_into_the_rows_it_reads_changes_no_answer(attacker):
    referee, kept = Referee(Ball(0.1)), []
    for model in (Broken(NET, 0.0, 0.0), Writing(NET)):
        move = attacker.move(GradientView(FIELD, Ball(0.1), model), default_rng(0))
        kept.append((move.x, referee.score(model, FIELD, referee.judge(move, FIELD))))
    (x, scored), (same, alike) = kept
    np.testing.assert_array_equal(x, same)
    assert scored.clean_accuracy == alike.clean_accuracy > 0.75
    assert scored.attacked_accuracy == alike.attacked_accuracy
