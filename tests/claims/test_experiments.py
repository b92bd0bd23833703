"""The pieces that claims build for themselves, against what is known."""

import math

import numpy as np
import pytest

from arena.batch import Batch
from arena.claims import downwash, dropout, projection, tradeoffs, wake
from arena.claims.bench import Bench
from arena.claims.features import with_brittle, with_robust
from arena.engine import Dense, Dropout, ReLU, Sequential, mlp, sigma
from arena.threat import Ball

RNG = np.random.default_rng


def test_the_wake_carries_the_momentum_that_the_rotors_gave_it():
    """Thrust = mass flow × far-wake speed, and a jet keeps its momentum flux (within what B and S leave of it)."""
    thrust = wake.MASS * wake.GRAVITY
    assert pytest.approx(thrust) == wake.AIR * wake.DISC * (wake.FAR_WAKE / 2) * wake.FAR_WAKE
    across = np.linspace(0, 2, 20001)
    for below in (0.6, 1.2):
        w = wake.speed(np.stack([across, 0 * across, np.full_like(across, below)], axis=1))
        flux = wake.AIR * np.trapezoid(w**2 * 2 * math.pi * across, across)
        assert flux == pytest.approx(thrust, rel=0.15)


def test_the_wake_halves_at_its_half_width_and_fades_as_one_over_distance():
    state = np.array([[0, 0, 1.0], [0.096, 0, 1.0], [0, 0, 2.0]])
    centre, aside, below = wake.speed(state)
    assert aside == pytest.approx(centre / 2)
    assert below == pytest.approx(centre / 2)
    assert wake.force(state)[0] == pytest.approx(-0.5 * 1.2 * 0.01 * centre**2 / (0.034 * 9.81))


def test_projection_of_the_weights_leaves_small_layers_alone_and_puts_large_ones_on_kappa():
    net = mlp((3, 40, 1), rng=RNG(0))
    net.layers[0].W[...] *= 10
    before = [layer.W.copy() for layer in net.layers if isinstance(layer, Dense)]
    kappa = sigma(before[1]) * 1.01
    downwash.project(net, kappa)
    assert sigma(net.layers[0].W) == pytest.approx(kappa, rel=1e-5)
    np.testing.assert_array_equal(net.layers[2].W, before[1])


def test_a_disturbed_state_changes_a_linear_model_by_its_slope_times_the_radius():
    W = np.array([[0.3], [-0.4], [1.2]], np.float32)
    model, state = Sequential((Dense.of(W),)), downwash.states(downwash.NEAR, RNG(0))
    moved = downwash.worst(model, state, downwash.predicted(model, state))
    np.testing.assert_allclose(moved, np.linalg.norm(W) / downwash.UNIT * downwash.BALL.radius, rtol=1e-3)


def test_the_kappa_kept_is_the_one_that_errs_least_where_it_was_trained(monkeypatch):
    err = {"a": 0.3, "b": 0.1, "c": 0.2, "d": 0.0}
    monkeypatch.setattr(downwash, "error", lambda net, state: np.full(len(state), err[net]))
    assert downwash.chosen({"κ = 3": ["a"], "κ = 2": ["b"], "κ = 1.5": ["c"], "free": ["d"]}) == "κ = 2"


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
