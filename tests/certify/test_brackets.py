"""The bracket in order, and the certificates that are planted to break it."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import Strongest
from arena import Ball
from arena.certify import ExactVerifier, Unsound, bracket, certify, exact, ladder, lipschitz, proofs
from arena.engine import Dense, ReLU, Sequential
from arena.engine.singular_values import power_step


def test_the_bracket_is_in_order_and_says_so(digits, net):
    test = digits[1][:40]
    found = bracket(net, test.x, test.y, Strongest(), Ball(0.03), exact=ExactVerifier(seconds=10))
    for mask in found.certified.values():
        assert not (mask & ~found.verified).any()
    assert found.exact
    assert not (found.verified & found.broken).any()
    assert not (found.verified & ~found.attacked).any()
    assert not (found.attacked & ~found.clean).any()
    assert "exact" in str(found)
    assert "attacked" in str(found)


def test_the_verifier_is_not_asked_where_too_much_is_open(digits, net):
    test = digits[1][:40]
    found = bracket(net, test.x, test.y, Strongest(), Ball(0.06), exact=ExactVerifier(), affordable=0)
    assert not found.exact
    assert found.undecided.any()


def test_a_ladder_falls_and_agrees_with_brackets_of_their_own(digits, net):
    test, radii = digits[1][:60], (0.01, 0.04, 0.08)
    rungs = list(ladder(net, test.x, test.y, Strongest(), Ball(0.1), radii))
    assert [radius for radius, _ in rungs] == list(radii)
    for (_, near), (_, far) in pairwise(rungs):
        assert not (near.broken & ~far.broken).any()
    for radius, rung in rungs:
        alone = bracket(net, test.x, test.y, Strongest(), Ball(radius))
        assert abs(rung.attacked.mean() - alone.attacked.mean()) <= 1 / 60
        np.testing.assert_array_equal(rung.proven, alone.proven)
        np.testing.assert_array_equal(rung.clean, alone.clean)


def hidden_top(rng, n: int = 12) -> tuple[Sequential, np.ndarray, np.ndarray]:
    """A network whose first layer stretches one direction a hundred times, the one that decides; the direction's right vector."""
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    W = U @ np.diag([100.0, *[1.0] * (n - 1)]) @ V.T
    last = np.stack([V[:, 0], -V[:, 0]], axis=1)
    b = -np.full(n, 0.5) @ W + 1e3  # every neuron is on: the network is affine in the box
    layers = (Dense.of(W, b), ReLU(), Dense.of(last, np.array([0.0, 2e3 * V[:, 0].sum()])))
    return Sequential(layers), W, np.linalg.svd(W)[0][:, 1]


def test_power_iteration_that_misses_a_hidden_top_direction_is_caught(monkeypatch):
    model, W, blind = hidden_top(default_rng(0))
    x = default_rng(1).uniform(0.49, 0.51, (40, 12)).astype(np.float32)
    y, ball = model.logits(x).argmax(axis=1), Ball(0.05, "l2")
    assert not certify(model, x, y, ball, method="lipschitz").certified.any()

    def power_iteration(given):
        assert given.shape == W.shape
        u = blind
        for _ in range(3):
            u = power_step(given, u)
        return float(np.linalg.norm(given.T @ u))

    monkeypatch.setattr(lipschitz, "proven_sigma", power_iteration)
    assert power_iteration(W) == pytest.approx(1, rel=1e-3)
    with pytest.raises(Unsound, match="lipschitz proves row"):
        bracket(model, x, y, Strongest(), ball)


def global_big_m(M: float):
    """Bounds of one constant for every neuron of the network."""

    def bounds(net, region, slack):
        return [(np.full((1, W.shape[1]), -M), np.full((1, W.shape[1]), M)) for W in net.W[:-1]]

    return bounds


def test_a_global_big_m_is_caught(monkeypatch):
    """The row's neuron is at 5 and can be driven to 7; above 6.5 the row falls, which M = 6 leaves out and M = 100 does not."""
    model = Sequential(
        (
            Dense.of(np.array([[10.0, -10.0]]), np.zeros(2)),
            ReLU(),
            Dense.of(np.array([[0, 1], [0, 0.1]]), np.array([6.5, 0])),
        )
    )
    x, y, ball = np.array([[0.5]], np.float32), np.zeros(1, int), Ball(0.2)
    assert bracket(model, x, y, Strongest(), ball, exact=ExactVerifier()).broken.all()
    for M in (100.0, 2.0):  # enough for every neuron; too little for the row itself, and nothing is left to prove
        monkeypatch.setattr(exact, "alpha_bounds", global_big_m(M))
        found = bracket(model, x, y, Strongest(), ball, exact=ExactVerifier())
        assert found.broken.all()
        assert not found.verified.any()
    monkeypatch.setattr(exact, "alpha_bounds", global_big_m(6.0))
    with pytest.raises(Unsound, match="the exact verifier proves row"):
        bracket(model, x, y, Strongest(), ball, exact=ExactVerifier())


def test_bounds_that_are_not_numbers_prove_nothing(digits, net, monkeypatch):
    test, ball = digits[1][:20], Ball(0.02)
    assert certify(net, test.x, test.y, ball).certified.any()

    def not_numbers(of, region, slack, tighten=None):
        return [(np.full((len(region.center), W.shape[1]), np.nan),) * 2 for W in of.W[:-1]]

    for module, name in ((proofs, "crown_bounds"), (proofs, "interval_bounds"), (exact, "alpha_bounds")):
        monkeypatch.setattr(module, name, not_numbers)
    monkeypatch.setattr("arena.certify.alpha.crown_bounds", not_numbers)
    with np.errstate(invalid="ignore"):
        found = bracket(net, test.x, test.y, Strongest(), ball, exact=ExactVerifier(seconds=5))
    assert not any(found.certified[method].any() for method in ("crown", "alpha-crown", "intervals"))
    assert not (found.verified & ~found.certified["lipschitz"]).any()


def test_a_comparison_that_lets_nan_pass_is_caught(digits, net, monkeypatch):
    """`not (lower <= 0)` calls NaN certified; the attack contradicts it."""

    class Lenient:
        def __init__(self, lower):
            self.certified = ~(lower <= 0)

    monkeypatch.setattr(
        "arena.certify.brackets.certify", lambda model, x, y, ball, method: Lenient(np.full(len(x), np.nan))
    )
    test = digits[1][:60]
    with pytest.raises(Unsound, match="proves row"):
        bracket(net, test.x, test.y, Strongest(), Ball(0.1))
