"""The certified and adversarial trainings: they are defenders, and each does what it is named for."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import PGD, Strongest
from agents.defenders import (
    TRADES,
    AdversarialWeightPerturbation,
    FastAdversarialTraining,
    FreeAdversarialTraining,
    IntervalTraining,
    LipschitzMargin,
    Plain,
    RandomisedSmoothing,
    tradeoff,
)  # fmt: skip
from agents.defenders.provable import _crown_margins, _interval_bounds, _interval_margins
from agents.defenders.tradeoff import Divergence, Tradeoff
from arena import Ball, Batch, DefenderView, GradientView, ThreatModel, evaluate
from arena.certify import ReLUNet, certify
from arena.certify.crown import crown_margins
from arena.certify.intervals import interval_bounds, interval_margins
from arena.certify.region import Region
from arena.conformance import defender_checks
from arena.engine import CrossEntropy, fit, mlp

QUICK = {"hidden": (16,), "epochs": 20, "batch_size": 8}
PLAYERS = (
    TRADES(**QUICK),
    FreeAdversarialTraining(**QUICK),
    FastAdversarialTraining(**QUICK),
    IntervalTraining(**QUICK),
    IntervalTraining(crown=1.0, **QUICK),
    AdversarialWeightPerturbation(**QUICK),
    LipschitzMargin(**QUICK),
    RandomisedSmoothing(copies=4, **QUICK),
)


@pytest.mark.parametrize("player", PLAYERS, ids=lambda p: type(p).__name__)
def test_they_are_defenders(player):
    for check in defender_checks(player):
        check()


def trained(player, digits, ball):
    return player.move(DefenderView(digits[0], 10, ThreatModel(ball=ball)), default_rng(0)).model


@pytest.mark.parametrize(
    "player",
    [TRADES(epochs=30), FreeAdversarialTraining(epochs=10), FastAdversarialTraining(epochs=30),
     AdversarialWeightPerturbation(epochs=30)],
    ids=lambda p: type(p).__name__,
)  # fmt: skip
def test_adversarial_trainings_stand_where_a_plain_net_falls(player, digits):
    ball, test = Ball(0.1), digits[1][:150]
    plain, robust = (
        evaluate(trained(p, digits, ball), test.x, test.y, Strongest(), ball) for p in (Plain(epochs=20), player)
    )
    assert robust.attacked_accuracy > plain.attacked_accuracy + 0.15
    assert robust.clean_accuracy > 0.93


def test_certified_trainings_can_be_certified(digits):
    test, plain = digits[1][:150], trained(Plain(epochs=20), digits, Ball(0.08))
    for player, ball, method in (
        (IntervalTraining(epochs=40), Ball(0.08), "intervals"),
        (IntervalTraining(epochs=40, crown=1.0), Ball(0.08), "intervals"),
        (LipschitzMargin(epochs=40, reach=0.5), Ball(0.4, "l2"), "lipschitz"),
    ):
        model = trained(player, digits, ball)
        assert certify(model, test.x, test.y, ball, method=method).certified_accuracy > 0.5
        assert certify(plain, test.x, test.y, ball, method=method).certified_accuracy < 0.05


@pytest.mark.parametrize("ball", [Ball(0.1), Ball(0.4, "l2", (-9, 9)), Ball(0.8, "l1", (-9, 9))], ids=str)
def test_the_margins_in_the_loss_are_those_of_the_certificates(ball):
    rng = default_rng(0)
    net = mlp((6, 9, 8, 4), rng=rng)
    params = [p + 0.1 * rng.standard_normal(p.shape).astype(np.float32) for layer in net.params for p in layer]
    layers, x, y = (
        list(zip(params[::2], params[1::2], strict=True)),
        rng.random((5, 6), dtype=np.float32),
        rng.integers(0, 4, 5),
    )
    plain = ReLUNet(tuple(W.astype(float) for W, _ in layers), tuple(b.astype(float) for _, b in layers))
    region = Region.of(x, ball)
    bounds, own = interval_bounds(plain, region, 0.0), _interval_bounds(layers, x, ball)
    crown, intervals = crown_margins(plain, region, y, bounds), interval_margins(plain, region, y, bounds)
    others = np.arange(4) != y[:, None]
    for found, truth in (
        (_crown_margins(layers, own, x, y, ball), crown), (_interval_margins(layers[-1], own, x, y, ball), intervals),
    ):  # fmt: skip
        np.testing.assert_allclose(found[others], truth[others], atol=1e-4)


@pytest.mark.parametrize("loss", ["tradeoff", "divergence"])
def test_their_losses_have_the_gradients_of_their_values(loss):
    rng = default_rng(0)
    z = rng.standard_normal((8, 4))
    y = np.tile(rng.integers(0, 4, 4), 2) if loss == "tradeoff" else rng.dirichlet(np.ones(4), 8)
    own = Tradeoff(3.0) if loss == "tradeoff" else Divergence()
    _, g = own.value_and_grad(z, y)
    numeric = np.zeros_like(z)
    for at in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[at] = 1e-6
        up, down = (own.value_and_grad(moved, y)[0].sum() for moved in (z + step, z - step))
        numeric[at] = (up - down) / 2e-6
    np.testing.assert_allclose(g, numeric, atol=1e-8)


def test_the_mean_under_noise_has_an_honest_gradient(digits):
    model = trained(RandomisedSmoothing(copies=3, hidden=(16,), epochs=5), digits, Ball(0.1))
    x, y = digits[1].x[:2], digits[1].y[:2]
    _, pull = model.vjp(x)
    g = pull(CrossEntropy().value_and_grad(model.logits(x), y)[1])
    v = default_rng(0).standard_normal(x.shape).astype(np.float32)
    up, down = (CrossEntropy().value_and_grad(model.logits(x + s * v), y)[0].astype(float) for s in (1e-2, -1e-2))
    np.testing.assert_allclose((g * v).sum(axis=1), (up - down) / 2e-2, rtol=0.05, atol=1e-3)


@pytest.fixture
def epochs(monkeypatch):
    """Every epoch of fast training, as it ends: single steps' accuracy and the network."""
    seen = []

    def watched(*given, **options):
        for progress in fit(*given, **options):
            seen.append((progress.accuracy, progress.model))
            yield progress

    monkeypatch.setattr(tradeoff, "fit", watched)
    return seen


def under_pgd(model, rows, ball):
    x = PGD(steps=10).move(GradientView(rows, ball, model), default_rng(1)).x
    return float((model.logits(x).argmax(axis=1) == rows.y).mean())


def test_the_alarm_of_fast_training_stops_a_collapse(digits, epochs):
    """Digits in a wide black frame: single steps leave nine tenths, PGD ever less."""
    train = digits[0][:1000]
    rows, ball = Batch(np.concatenate([train.x, np.zeros((1000, 700), np.float32)], axis=1), train.y), Ball(0.13)
    player = FastAdversarialTraining(hidden=(512,), epochs=30, learning_rate=5e-3)
    deployed = player.move(DefenderView(rows, 10, ThreatModel(ball=ball)), default_rng(0))
    single, last = epochs[-1]
    best, left = under_pgd(deployed.model, rows[:256], ball), under_pgd(last, rows[:256], ball)
    assert len(epochs) < 20
    assert deployed.note == (
        f"catastrophic overfitting in epoch {len(epochs) - 1}: the best network before it is deployed"
    )
    assert left < 0.6 * best
    assert single > 2 * left
