"""The bracket, certified <= exact <= attacked <= clean, and the exact answer against all activation patterns."""

from itertools import product

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.optimize import linprog

from agents.attackers import Strongest
from agents.defenders import AdversarialTraining, Plain
from arena import Ball, DefenderView, InvalidValue, ThreatModel, evaluate
from arena.certify import ExactVerifier, ReLUNet, certify
from arena.certify.crown import crown_bounds, crown_margins
from arena.certify.program import Program
from arena.certify.proofs import METHODS
from arena.certify.region import Region
from arena.engine import mlp


@pytest.fixture(scope="module", params=["plain", "hardened"])
def small(request, digits):
    player = {"plain": Plain(hidden=(20, 20)), "hardened": AdversarialTraining(hidden=(20, 20), epochs=25)}[
        request.param
    ]
    view = DefenderView(digits[0], 10, ThreatModel(ball=Ball(0.06)))
    return player.move(view, default_rng(0)).model


@pytest.mark.parametrize("ball", [Ball(0.03), Ball(0.06), Ball(0.2, "l2"), Ball(0.6, "l1")], ids=str)
def test_the_bracket_holds(small, ball, digits):
    test = digits[1][: 12 if ball.norm == "l2" else 40]
    certificates = [certify(small, test.x, test.y, ball, method=m) for m in METHODS]
    verdicts = ExactVerifier(seconds=2 if ball.norm == "l2" else 20).verify(small, test.x, test.y, ball)
    judged = evaluate(small, test.x, test.y, Strongest(), ball)
    certified = np.logical_or.reduce([one.certified for one in certificates])
    assert not (certified & ~verdicts.verified).any()
    assert not (verdicts.verified & ~judged.attacked).any()
    assert not (judged.attacked & ~judged.clean).any()
    assert (verdicts.verified.astype(int) + verdicts.broken + verdicts.unknown == 1).all()
    if ball.norm != "l2":
        assert not verdicts.unknown.any()
        assert (verdicts.broken & judged.attacked).sum() == 0  # the strongest finds all that there is to find
    read = small.logits(verdicts.x).argmax(axis=1)
    assert (read != test.y)[verdicts.broken].all()
    assert (ball.violation(verdicts.x, test.x) <= ball.tolerance).all()


def brute_force(net: ReLUNet, region: Region, D: np.ndarray, offset: float) -> float:
    """The least <D, h> + offset over a box by a linear program for every activation pattern of one hidden layer."""
    W, b = net.W[0], net.b[0]
    least = np.inf
    for pattern in product([0, 1], repeat=len(b)):
        on = np.array(pattern, bool)
        sign = np.where(on, -1, 1)
        found = linprog(
            W @ (D * on), (W * sign).T, -b * sign, bounds=list(zip(region.low[0], region.high[0], strict=True))
        )
        if found.status == 0:
            least = min(least, found.fun + b @ (D * on) + offset)
    return least


def test_the_minimal_margin_is_that_of_all_activation_patterns():
    for seed in range(6):
        rng = default_rng(seed)
        model = mlp((4, 6, 3), rng=rng)
        net, x = ReLUNet.of(model), rng.uniform(0.2, 0.8, (1, 4)).astype(np.float32)
        y = model.logits(x).argmax(axis=1)
        ball = Ball(0.15)
        region = Region.of(x, ball)
        truth = min(
            brute_force(net, region, net.W[1][:, y[0]] - net.W[1][:, k], float(net.b[1][y[0]] - net.b[1][k]))
            for k in range(3) if k != y[0]
        )  # fmt: skip
        verdict = ExactVerifier(gap=1e-6).verify(model, x, y, ball)
        if truth > 1e-4:
            assert verdict.verified[0]
            assert truth - 1e-3 < verdict.lower[0] <= truth + 1e-9
        if truth < -1e-4:
            assert verdict.broken[0]


def test_neurons_that_the_bounds_decide_are_no_binaries(digits, small):
    net, test = ReLUNet.of(small), digits[1][:1]
    region = Region.of(test.x, Ball(1e-4))
    bounds = crown_bounds(net, region, net.slack())
    open_ = sum(int(((low < 0) & (high > 0)).sum()) for low, high in bounds)
    assert Program(net, region, bounds).binaries == open_ < 4


def test_planted_bounds_give_false_proofs_and_honest_ones_do_not(digits, small):
    """Hidden bounds that hold for the centre alone prove what an attack refutes; ours never do."""
    net, ball, test = ReLUNet.of(small), Ball(0.09), digits[1][:300]
    region = Region.of(test.x, ball)
    h, planted = test.x.astype(np.float64), []
    for W, b in zip(net.W[:-1], net.b[:-1], strict=True):
        planted.append((h @ W + b - 1e-9, h @ W + b + 1e-9))
        h = np.maximum(h @ W + b, 0)
    judged = evaluate(small, test.x, test.y, Strongest(), ball)
    assert ((crown_margins(net, region, test.y, planted).min(axis=1) > 0) & ~judged.attacked).any()
    assert not (certify(small, test.x, test.y, ball).certified & ~judged.attacked).any()


def test_time_running_out_is_unknown_and_never_verified(digits, small):
    test, ball = digits[1][:30], Ball(0.12)
    hurried = ExactVerifier(seconds=1e-3).verify(small, test.x, test.y, ball)
    judged = evaluate(small, test.x, test.y, Strongest(), ball)
    assert not (hurried.verified & ~judged.attacked).any()
    assert hurried.unknown.any()


def test_processes_change_no_verdict_and_progress_is_told(digits, small):
    test, told = digits[1][:10], []
    alone = ExactVerifier(seconds=20).verify(small, test.x, test.y, Ball(0.05))
    player = ExactVerifier(seconds=20)
    both = player.verify(small, test.x, test.y, Ball(0.05), workers=2, progress=lambda *done: told.append(done))
    np.testing.assert_array_equal(alone.verified, both.verified)
    np.testing.assert_array_equal(alone.broken, both.broken)
    assert told[-1] == (10, 10)


@pytest.mark.parametrize("wrong", ["labels", "rows"])
def test_labels_and_rows_that_no_answer_can_be_about_are_refused(wrong):
    x, y = np.full((1, 3), 5.0 if wrong == "rows" else 0.5), np.array([7 if wrong == "labels" else 0])
    with pytest.raises(InvalidValue):
        ExactVerifier().verify(mlp((3, 4, 2), rng=default_rng(0)), x, y, Ball(0.1))
