"""Optimised slopes: between CROWN and the truth, and climbed along a gradient that is the bound's own."""

import numpy as np
import pytest
from numpy.random import default_rng

from arena import Ball
from arena.certify import ExactVerifier, ReLUNet, certify
from arena.certify.alpha import _bound, alpha_bounds
from arena.certify.crown import crown_bounds, slopes
from arena.certify.region import Region
from arena.engine import mlp

BALLS = [Ball(0.1), Ball(0.3, "l2"), Ball(0.6, "l1")]


def some(seed: int):
    rng = default_rng(seed)
    model = mlp((6, 10, 9, 8, 4), rng=rng)
    x = rng.uniform(0.3, 0.7, (5, 6)).astype(np.float32)
    return model, x, model.logits(x).argmax(axis=1)


def test_it_lies_between_crown_and_the_exact_margin():
    gained = 0.0
    for seed in range(4):
        model, x, y = some(seed)
        crown, alpha = (certify(model, x, y, BALLS[0], method=m).lower for m in ("crown", "alpha-crown"))
        exact = ExactVerifier(gap=1e-6, seconds=10).verify(model, x, y, BALLS[0])
        assert (alpha >= crown).all()
        known = ~exact.broken
        assert (alpha[known] <= exact.lower[known] + 1e-4).all()
        assert not (exact.broken & (alpha > 0)).any()
        gained += float((alpha - crown).sum())
    assert gained > 0.1


@pytest.mark.parametrize("ball", BALLS, ids=str)
def test_hidden_bounds_are_never_wider_and_hold(ball):
    model, x, _ = some(1)
    net, region = ReLUNet.of(model), Region.of(x, ball)
    plain, alpha = (find(net, region, net.slack()) for find in (crown_bounds, alpha_bounds))
    assert all((a[0] >= p[0] - 1e-9).all() and (a[1] <= p[1] + 1e-9).all() for a, p in zip(alpha, plain, strict=True))
    rng = default_rng(0)
    for i in range(len(x)):
        h = ball.farthest(rng.standard_normal((500, 6)), np.repeat(x[i : i + 1].astype(np.float64), 500, axis=0))
        for (low, high), W, b in zip(alpha, net.W, net.b, strict=False):
            z = h @ W + b
            assert (low[i] <= z).all() and (z <= high[i]).all()
            h = np.maximum(z, 0)


@pytest.mark.parametrize("ball", BALLS, ids=str)
def test_the_gradient_in_the_slopes_is_that_of_finite_differences(ball):
    model, x, y = some(2)
    net, region = ReLUNet.of(model), Region.of(x, ball)
    C = np.eye(4)[y][:, None] - np.eye(4)[(y + 1) % 4][:, None]
    lines = [(s, np.where(t > 0, 0.4, a), t) for s, a, t in (slopes(*b) for b in crown_bounds(net, region, 0.0))]
    _, gradients = _bound(net, 3, C, region, lines)
    rng = default_rng(0)
    for i, (s, a, t) in enumerate(lines):
        step = 1e-6 * rng.standard_normal(a.shape) * (t > 0)
        up, down = (
            _bound(net, 3, C, region, [*lines[:i], (s, a + sign * step, t), *lines[i + 1 :]])[0] for sign in (1, -1)
        )
        np.testing.assert_allclose((gradients[i] * step).sum(axis=1), (up - down) / 2, rtol=1e-4, atol=1e-11)
