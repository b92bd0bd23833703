"""The pieces that claims build for themselves, against what is known."""

import numpy as np
import pytest

from arena.batch import Batch
from arena.claims import dropout, projection, tradeoffs
from arena.claims.bench import Bench
from arena.claims.features import with_brittle, with_robust
from arena.engine import Dense, Dropout, ReLU, Sequential, mlp
from arena.threat import Ball

RNG = np.random.default_rng


@pytest.mark.parametrize("way", [projection.projected, projection.scaled_back, projection.clipped])
@pytest.mark.parametrize("ball", [Ball(0.1), Ball(0.6, "l2")])
def test_three_ways_stay_in_the_ball_and_free_ascent_need_not(way, ball):
    center = RNG(0).random((50, 30), dtype=np.float32)
    far = center + RNG(1).normal(size=center.shape).astype(np.float32)
    assert (ball.violation(way(far, center, ball), center) <= ball.tolerance).all()
    assert (ball.violation(projection.free(far, center, ball), center) > ball.tolerance).all()


@pytest.mark.parametrize(
    ("inverted", "repaired", "expected"), [(False, False, 2.0), (False, True, 1.0), (True, True, 1.0)]
)
def test_dropout_feeds_the_next_layer_twice_as_much_unless_it_is_repaired(inverted, repaired, expected):
    bench, rng = Bench("digits", 2), RNG(0)
    net = Sequential(
        (Dense.he(64, dropout.WIDTH, rng), ReLU(), Dropout(0.5, inverted=inverted), Dense.he(dropout.WIDTH, 10, rng))
    )
    assert dropout.ratio(bench, net, repaired).mean() == pytest.approx(expected, rel=0.02)


def test_the_worst_neuron_is_the_one_that_everything_hangs_on(monkeypatch):
    bench = Bench("digits", 2)
    W, V = np.zeros((64, dropout.WIDTH), np.float32), np.zeros((dropout.WIDTH, 10), np.float32)
    W[:, 5], V[5, 3] = 1, 1  # all is read as 3, by the one neuron that is not silent
    monkeypatch.setattr(Bench, "model", lambda *given: Sequential((Dense.of(W), ReLU(), Dense.of(V))))
    y = bench.rules().deal.fields[0].y
    np.testing.assert_array_equal(dropout.without_the_worst(bench, "any"), [y == 0, y == 0])


def test_brittle_rows_stay_in_the_ball_and_robust_rows_share_the_hidden_layer():
    bench, rng = Bench("digits", 2), RNG(0)
    train = bench.rules().deal.train[:100]
    model = mlp((64, 16, 10), rng=rng)
    brittle = with_brittle(train, bench, model, RNG(1))
    assert (bench.ball.violation(brittle.x, train.x) <= bench.ball.tolerance).all()
    assert (model.logits(brittle.x).argmax(axis=1) == brittle.y).mean() > 2 * (
        model.logits(train.x).argmax(axis=1) == brittle.y
    ).mean()
    robust = with_robust(train, model, RNG(1))
    hidden = Sequential(model.layers[:-1])
    others = Batch(train.x[RNG(1).permutation(100)], train.y)

    def apart(x):
        return np.linalg.norm(hidden.logits(x) - hidden.logits(train.x), axis=1).mean()

    assert apart(robust.x) < 0.3 * apart(others.x)
    np.testing.assert_array_equal(robust.y, train.y)


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_a_sparring_partner_asks_for_a_gradient_a_step(steps):
    assert tradeoffs.gradients(Bench("digits", 2), f"pgd(steps={steps}, stop_fooled=False)") == steps
