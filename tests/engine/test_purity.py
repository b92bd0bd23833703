import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, MomentumPGD, Noise
from arena import Ball, Batch, GradientView
from arena.engine import Average, CrossEntropy, Dense, Dropout, ReLU, Sequential, SpectralNorm, mlp
from arena.referee import fingerprint


class TapedReLU(ReLU):
    """A ReLU that the chain does not know."""


def network(relu: type[ReLU]) -> Sequential:
    rng = default_rng(0)
    return Sequential((
        Dense.he(6, 8, rng), relu(), Dropout(0.2, inverted=False), SpectralNorm(Dense.he(8, 8, rng)), relu(), Dense.he(8, 3, rng),
    ))  # fmt: skip


MODELS = {
    "chain": network(ReLU),
    "tape": network(TapedReLU),
    "linear": mlp((6, 3), rng=default_rng(0)),
    "rectified": Sequential((Dense.of(default_rng(4).standard_normal((6, 3)).astype(np.float32)), ReLU())),
    "average": Average((network(ReLU), network(TapedReLU), mlp((6, 5, 3), rng=default_rng(1)))),
    "average of rectified": Average(
        tuple(Sequential((Dense.he(6, 3, default_rng(seed)), ReLU())) for seed in range(3))
    ),
}
X = default_rng(1).random((30, 6), dtype=np.float32)
Y = default_rng(2).integers(0, 3, 30)


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


def test_asking_changes_no_weight_and_no_row(model):
    before, rows = fingerprint(model), X.tobytes()
    logits, pull = model.vjp(X)
    g = CrossEntropy().value_and_grad(logits, Y)[1]
    cotangent = g.copy()
    pull(g)
    model.logits(X)
    (model.members[0] if isinstance(model, Average) else model).lipschitz()
    assert (model.features, model.classes) == (6, 3)
    np.testing.assert_array_equal(g, cotangent)
    assert X.tobytes() == rows
    assert fingerprint(model) == before


@pytest.mark.parametrize("attacker", [Noise(), FGSM(), PGD(steps=5, restarts=2), MomentumPGD(steps=5)], ids=repr)
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_an_attack_changes_no_weight_and_no_row(model, attacker, norm):
    view = GradientView(Batch(X, Y), Ball(0.3, norm), model)
    before = fingerprint(view)
    answer = attacker.move(view, default_rng(0))
    assert fingerprint(view) == before
    assert not np.shares_memory(answer.x, view.field.x)


def test_what_a_model_returned_is_not_overwritten_by_asking_again(model):
    logits, pull = model.vjp(X)
    one = pull(np.ones_like(logits))
    kept = logits.copy(), one.copy()
    two = pull(2 * np.ones_like(logits))
    model.vjp(X[::-1].copy())[1](np.ones_like(logits))
    model.logits(1 - X)
    np.testing.assert_array_equal(logits, kept[0])
    np.testing.assert_array_equal(one, kept[1])
    np.testing.assert_allclose(two, 2 * one, rtol=1e-5)


def test_the_rows_of_a_jacobian_can_be_pulled_one_after_another(model):
    logits, pull = model.vjp(X)
    jacobian = np.stack([pull(np.broadcast_to(row, logits.shape).astype(np.float32)) for row in np.eye(3)])
    g = default_rng(3).standard_normal(logits.shape).astype(np.float32)
    np.testing.assert_allclose(pull(g), np.einsum("nc,cnd->nd", g, jacobian), rtol=1e-4, atol=1e-5)


def test_rows_in_any_memory_layout_give_the_same_logits(model):
    expected = model.logits(X)
    for same in (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X[::-1][::-1], X.astype(np.float64)):
        np.testing.assert_allclose(model.logits(same), expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(model.vjp(same)[0], expected, rtol=1e-5, atol=1e-6)


def test_a_row_is_read_alone(model):
    logits, pull = model.vjp(X)
    gradient = pull(np.ones_like(logits)).copy()
    for i in (0, 7, 29):
        own, pull_one = model.vjp(X[i : i + 1])
        np.testing.assert_allclose(own, logits[i : i + 1], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(pull_one(np.ones_like(own)), gradient[i : i + 1], rtol=1e-5, atol=1e-6)
