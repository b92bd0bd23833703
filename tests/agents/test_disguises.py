import numpy as np
import pytest

from agents.attackers.collisions import FeatureCollision, collided
from agents.attackers.matching import GradientMatching, Mismatch
from agents.defenders import FrozenFeatures, Plain
from arena import Ball, Batch, InvalidValue, play
from arena.conformance import attacker_checks, defender_checks
from arena.engine import CrossEntropy, Sequential, mlp
from arena.engine.parameters import flatten, weight_gradients
from scenarios import Poisoning

QUICK = Plain(hidden=(24,), epochs=10)
EVERYONE = (FeatureCollision(surrogate=QUICK, steps=5), GradientMatching(surrogate=QUICK, steps=5))


@pytest.mark.parametrize("check", [c for player in EVERYONE for c in attacker_checks(player)], ids=str)
def test_they_keep_the_rules(check):
    check()


@pytest.mark.parametrize("check", list(defender_checks(FrozenFeatures(features=QUICK))), ids=str)
def test_frozen_features_keep_the_rules(check):
    check()


def case():
    rng = np.random.default_rng(0)
    network = mlp((64, 32, 32, 10), rng=rng)
    double = network.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in network.params))
    return double, Batch(rng.random((2, 64)), rng.integers(0, 10, 2)), rng.random((5, 64)), rng.integers(0, 10, 5)


def parameter_gradient(network, x, y):
    _, _, out = flatten(network)
    weight_gradients(network, x, y, CrossEntropy(), None, out)
    return out.theta


def test_the_matching_loss_is_one_less_the_cosine_of_the_two_gradients():
    network, aims, x, y = case()
    a, b = parameter_gradient(network, aims.x.astype(np.float64), aims.y), parameter_gradient(network, x, y)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert Mismatch(network, aims, y)(x)[0] == pytest.approx(1 - cosine, abs=1e-12)


def test_its_gradient_by_first_order_passes_is_the_numeric_one():
    network, aims, x, y = case()
    mismatch, h = Mismatch(network, aims, y), 1e-5
    gradient = mismatch(x)[1]
    numeric = np.empty_like(x)
    for i, j in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[i, j] = h
        numeric[i, j] = (mismatch(x + moved)[0] - mismatch(x - moved)[0]) / (2 * h)
    assert np.abs(gradient).max() > 0.01
    assert np.abs(gradient - numeric).max() < 1e-9


def test_asking_for_the_matching_loss_leaves_the_network_as_it_was():
    network, aims, x, y = case()
    mismatch = Mismatch(network, aims, y)
    assert mismatch(x)[0] == mismatch(x)[0]


def test_features_collide_where_the_ball_allows_and_every_step_descends():
    rng = np.random.default_rng(1)
    phi = Sequential(mlp((16, 12, 4), rng=rng).layers[:-1])
    base, point = rng.random((3, 16), dtype=np.float32), rng.random((1, 16), dtype=np.float32)

    def gap(x):
        return ((phi.logits(x) - phi.logits(point)) ** 2).sum(axis=1)

    free, held = (collided(phi, base, phi.logits(point), ball, 1e-3, 300) for ball in (Ball(1.0), Ball(0.1)))
    assert (gap(free) < 0.01 * gap(base)).sum() >= 2  # a unit that is off can hold one row back
    assert (gap(held) < gap(base)).all()
    assert Ball(0.1).violation(held, base).max() <= Ball(0.1).tolerance


def test_a_frozen_extractor_is_the_same_whatever_the_poison():
    game = Poisoning(train=300, trusted=0.5, goal="points", trials=2, allowance=0.05, knows="recipe")
    models = []
    play(
        game,
        FeatureCollision(),
        FrozenFeatures(features=QUICK),
        watch=lambda t, m: models.append(getattr(m, "model", 0)),
    )
    reference, first, second = (m for m in models if m)
    x = game.deal.train.x
    for other in (first, second):
        assert np.array_equal(*(Sequential(m.layers[:-1]).logits(x) for m in (reference, other)))
        assert not np.array_equal(reference.logits(x), other.logits(x))


def test_they_need_chosen_points_and_leave_to_edit():
    with pytest.raises(InvalidValue, match="play poisoning"):
        play(Poisoning(train=200, goal="backdoor"), GradientMatching(surrogate=QUICK), QUICK)
    with pytest.raises(InvalidValue, match="last=plain"):
        FrozenFeatures(last=Plain())
