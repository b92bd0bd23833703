import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import RandomisedEnsemble, check_model, drawn_from, mlp


def nets(k):
    return tuple(mlp((5, 7, 3), rng=default_rng(seed)) for seed in range(k))


def softmax(z):
    e = np.exp(z.astype(np.float64))
    return e / e.sum(axis=1, keepdims=True)


def test_it_answers_with_the_log_of_the_expected_probabilities():
    a, b = nets(2)
    x = default_rng(9).random((6, 5), dtype=np.float32)
    expected = 0.3 * softmax(a.logits(x)) + 0.7 * softmax(b.logits(x))
    np.testing.assert_allclose(np.exp(RandomisedEnsemble((a, b), (0.3, 0.7)).logits(x)), expected, rtol=1e-5)


def test_its_gradient_is_that_of_its_answer():
    double = [net.with_params(tuple(tuple(p.astype(np.float64) for p in ps) for ps in net.params)) for net in nets(3)]
    check_model(RandomisedEnsemble(tuple(double), (0.2, 0.5, 0.3)), default_rng(1).random((4, 5)), rng=default_rng(2))


def test_a_mixture_of_mixtures_is_one_of_their_members():
    a, b, c = nets(3)
    outer = RandomisedEnsemble((RandomisedEnsemble((a, b), (0.25, 0.75)), c), (0.4, 0.6))
    models, weights = zip(*drawn_from(outer), strict=True)
    assert models == (a, b, c)
    np.testing.assert_allclose(weights, (0.1, 0.3, 0.6))
    x = default_rng(9).random((6, 5), dtype=np.float32)
    np.testing.assert_allclose(outer.logits(x), RandomisedEnsemble((a, b, c), weights).logits(x), rtol=1e-5)
    assert [model for model, _ in drawn_from(RandomisedEnsemble((a, b), (0.0, 1.0)))] == [b]
    assert drawn_from(a) == [(a, 1.0)]


@pytest.mark.parametrize("weights", [(0.5, 0.6), (1.5, -0.5), (1.0,), (np.nan, 1.0)])
def test_weights_are_probabilities_one_a_member(weights):
    with pytest.raises(ValueError, match="weight"):
        RandomisedEnsemble(nets(2), weights)


def test_a_member_of_weight_zero_never_answers():
    a, b = nets(2)
    x = default_rng(9).random((6, 5), dtype=np.float32)
    np.testing.assert_array_equal(
        RandomisedEnsemble((a, b), (1.0, 0.0)).logits(x).argmax(axis=1), a.logits(x).argmax(axis=1)
    )


def test_members_agree_on_features_and_classes():
    with pytest.raises(ValueError, match="share one"):
        RandomisedEnsemble((*nets(1), mlp((5, 4), rng=default_rng(0))), (0.5, 0.5))
