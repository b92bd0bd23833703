"""Attacks on a net trained on the digits: stronger is stronger."""

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, MomentumPGD, Noise
from arena import Ball
from arena.engine import CrossEntropy
from tests.agents.judged import BALLS, answer, fooled

ATTACKERS = {
    "fgsm": FGSM(), "pgd": PGD(steps=20), "margin": PGD(steps=20, loss="margin"), "momentum": MomentumPGD(steps=20),
}  # fmt: skip
SLACK = 0.01  # of 300 points: chance may favour the weaker by a handful


@pytest.fixture(params=BALLS)
def view(request, look):
    return look(BALLS[request.param])


def test_pgd_beats_fgsm_and_fgsm_beats_noise(view):
    noise, fgsm, pgd = (fooled(attacker, view).mean() for attacker in (Noise(), FGSM(), PGD()))
    assert pgd >= fgsm - (SLACK if view.ball.norm == "l1" else 0)
    assert pgd > noise + 0.3
    assert fgsm > noise + 0.2


@pytest.mark.parametrize("name", ["pgd", "margin", "momentum", "fgsm"])
@pytest.mark.parametrize("norm", BALLS)
def test_a_larger_radius_fools_more(name, norm, look):
    radii = BALLS[norm].radius * np.array([0.25, 0.5, 1.0, 2.0])
    shares = [fooled(ATTACKERS[name], look(Ball(float(r), norm))).mean() for r in radii]
    assert (np.diff(shares) >= -SLACK).all()
    assert shares[-1] > shares[0] + 0.3


def test_more_steps_fool_more(view):
    shares = [fooled(PGD(steps=steps), view).mean() for steps in (1, 3, 10, 40, 100)]
    assert (np.diff(shares) >= -SLACK).all()
    assert shares[-1] > shares[0]


def test_more_restarts_fool_every_point_that_fewer_did(view):
    once, five = (fooled(PGD(steps=8, restarts=restarts), view) for restarts in (1, 5))
    assert (once <= five).all()


def test_restarts_never_lower_a_rows_loss_but_to_fool_it(view):
    losses, wrong = [], []
    for restarts in (1, 2, 4):
        z = view.model.logits(answer(PGD(steps=8, restarts=restarts, stop_fooled=False), view))
        losses.append(CrossEntropy().value_and_grad(z, view.field.y)[0])
        wrong.append(z.argmax(axis=1) != view.field.y)
    for i in (1, 2):
        assert (wrong[i - 1] <= wrong[i]).all()
        assert ((losses[i] >= losses[i - 1] - 1e-4) | (wrong[i] & ~wrong[i - 1])).all()
    assert losses[2].mean() > losses[0].mean()


@pytest.mark.parametrize("attacker", [PGD, MomentumPGD])
def test_stopping_at_success_changes_no_success(view, attacker):
    stopped, unstopped = (fooled(attacker(steps=15, restarts=2, stop_fooled=stop), view) for stop in (True, False))
    np.testing.assert_array_equal(stopped, unstopped)
    assert 0.1 < stopped.mean() < 0.999


def test_going_on_after_success_raises_the_loss(view):
    losses = [
        CrossEntropy().value_and_grad(view.model.logits(answer(PGD(stop_fooled=stop), view)), view.field.y)[0].mean()
        for stop in (True, False)
    ]
    assert losses[1] > losses[0] + 1e-3


@pytest.mark.parametrize("target", [0, 7])
def test_a_targeted_attack_hits_its_target(target, look):
    for ball in (Ball(0.3), Ball(2.0, "l2"), Ball(8.0, "l1")):
        view = look(ball, 200)
        read = view.model.logits(answer(PGD(target=target), view)).argmax(axis=1)
        aimless = view.model.logits(answer(PGD(), view)).argmax(axis=1)
        assert (read == target).mean() > 0.95
        assert (aimless == target).mean() < 0.5


def test_a_targeted_attack_is_content_where_the_target_is_read_already(look):
    view = look(Ball(0.1), 200)
    at_home = view.model.logits(view.field.x).argmax(axis=1) == 3
    for player in (PGD(target=3), PGD(target=3, stop_fooled=False)):
        assert (view.model.logits(answer(player, view)).argmax(axis=1) == 3)[at_home].all()
