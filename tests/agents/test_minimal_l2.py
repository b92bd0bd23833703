"""DDN and CW against closed forms and the exact minimal norm of their peers; expectation over a target's noise."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import CW, DDN, ExpectationOverTransformation, MinimalNorm
from agents.attackers.expectation import Expected
from agents.defenders import RandomisedInput
from arena import Ball, Batch, DefenderView, GradientView, ThreatModel
from arena.conformance import attacker_checks
from arena.engine import Dense, Margin, Sequential
from arena.referee import Referee, hits


@pytest.mark.parametrize("player", [DDN(steps=20), CW(steps=20, searches=2), ExpectationOverTransformation(draws=2)])
def test_they_are_attackers(player):
    for check in attacker_checks(player):
        check()


@pytest.mark.parametrize("player", [DDN(steps=300), CW(steps=300, searches=9)], ids=["ddn", "cw"])
def test_on_a_linear_network_they_come_near_the_closed_form_and_never_below(player):
    rng = default_rng(1)
    W = 0.3 * rng.standard_normal((20, 5))
    x = rng.uniform(0.3, 0.7, (100, 20)).astype(np.float32)
    z = x.astype(np.float64) @ W
    y = z.argmax(axis=1)
    gaps = z[np.arange(100), y][:, None] - z
    slopes = np.linalg.norm(W.T[y][:, None] - W.T[None], axis=2)
    gaps[np.arange(100), y], slopes[np.arange(100), y] = np.inf, 1
    truth = (gaps / slopes).min(axis=1)
    inside = truth < 0.29  # no coordinate can meet the box
    _, size = player.nearest(GradientView(Batch(x, y), Ball(0.1, "l2"), Sequential((Dense.of(W, np.zeros(5)),))))
    assert inside.sum() > 50
    assert (size[inside] >= truth[inside] * (1 - 1e-5)).all()
    assert np.median(size[inside] / truth[inside]) < 1.02


@pytest.mark.parametrize("player", [DDN(), CW()], ids=["ddn", "cw"])
def test_on_digits_they_come_near_the_minimal_norm(player, look):
    view = look(Ball(0.5, "l2"), 150)
    x, size = player.nearest(view)
    misread = view.model.logits(x).argmax(axis=1) != view.field.y
    assert misread[np.isfinite(size)].all()
    assert np.isfinite(size).mean() > 0.97
    np.testing.assert_allclose(
        Ball(1.0, "l2").size(x - view.field.x)[np.isfinite(size)], size[np.isfinite(size)], rtol=1e-3
    )
    _, peer = MinimalNorm(rivals=9).nearest(view)
    right = peer > 0
    assert np.median(size[right] / peer[right]) < 1.1


def test_the_average_target_has_the_mean_of_its_draws(look):
    view = look(Ball(0.05), 6)
    target, rng = Expected(view.model, 3, 1e-5, 7), default_rng(0)
    z, pull = target.vjp(view.field.x)
    np.testing.assert_allclose(z, view.model.logits(view.field.x), atol=1e-2)
    g = rng.standard_normal(z.shape).astype(np.float32)
    np.testing.assert_allclose(pull(g), view.model.vjp(view.field.x)[1](g), atol=2e-2)


def test_the_mean_of_many_draws_points_where_the_expected_loss_rises(digits):
    """Each draw's gradient is mostly its noise; the mean of 16 agrees with that of 400 draws of other secrets."""
    field, view = digits[1][:100], DefenderView(digits[0], 10, ThreatModel(ball=Ball(0.1)))
    model = RandomisedInput(scale=0.4, epochs=15).move(view, default_rng(0)).model

    def slope(target):
        return GradientView(field, Ball(0.1), target).gradient(field.x, field.y, Margin())

    truth = np.mean([slope(replace(model, change=replace(model.change, secret=k))) for k in range(400)], axis=0)
    one, mean = (
        np.mean(np.einsum("ij,ij->i", g, truth) / (np.linalg.norm(g, axis=1) * np.linalg.norm(truth, axis=1) + 1e-12))
        for g in (slope(model), slope(Expected(model, 16, 1e-5, 3)))
    )
    assert mean > one + 0.1
    assert mean > 0.8


def test_the_attack_on_the_mean_is_legal_and_fools(digits):
    field, ball = digits[1][:100], Ball(0.1)
    model = (
        RandomisedInput(scale=0.2, epochs=10)
        .move(DefenderView(digits[0], 10, ThreatModel(ball=ball)), default_rng(0))
        .model
    )
    player = ExpectationOverTransformation(attacker="pgd(steps=20)", draws=4)
    answer = Referee(ball).judge(player.move(GradientView(field, ball, model), default_rng(1)), field)
    assert hits(model, answer).mean() < hits(model, field).mean() - 0.2
