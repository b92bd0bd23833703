import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import Average, CrossEntropy, Objective, ReLU, Sequential, check_model, mlp

MEMBERS = tuple(mlp((6, 9, 4), rng=default_rng(seed)) for seed in range(3))
X = default_rng(5).standard_normal((11, 6)).astype(np.float32)
Y = default_rng(6).integers(0, 4, 11)


def test_logits_and_gradient_are_the_means_of_the_members():
    average = Average(MEMBERS)
    logits, pull = average.vjp(X)
    g = CrossEntropy().value_and_grad(logits, Y)[1]
    np.testing.assert_allclose(logits, np.mean([m.logits(X) for m in MEMBERS], axis=0), rtol=1e-5)
    np.testing.assert_array_equal(logits, average.logits(X))
    np.testing.assert_allclose(pull(g), np.mean([m.vjp(X)[1](g) for m in MEMBERS], axis=0), rtol=1e-5, atol=1e-7)
    assert (average.features, average.classes) == (6, 4)


@pytest.mark.parametrize("last", [(), (ReLU(),)], ids=["logits", "rectified"])
def test_the_buffered_pass_of_an_average_is_its_vjp(last):
    average = Average(tuple(Sequential((*member.layers, *last)) for member in MEMBERS))
    objective = Objective(average, CrossEntropy())
    logits, pull = average.vjp(X)
    expected = pull(CrossEntropy().value_and_grad(logits, Y)[1])
    for _ in range(2):
        objective.at(Y)
        z, _, g = objective(X)
        np.testing.assert_allclose(z, logits, rtol=1e-5)
        np.testing.assert_allclose(g, expected, rtol=1e-5, atol=1e-7)


def test_the_gradient_through_an_average_agrees_with_finite_differences():
    check_model(Average(MEMBERS), X, rng=default_rng(0), h=1e-2)


def test_averages_of_averages_are_models_too():
    nested = Average((Average(MEMBERS[:2]), MEMBERS[2]))
    expected = 0.25 * (MEMBERS[0].logits(X) + MEMBERS[1].logits(X)) + 0.5 * MEMBERS[2].logits(X)
    np.testing.assert_allclose(nested.logits(X), expected, rtol=1e-5, atol=1e-6)


def test_the_average_of_one_is_that_one():
    np.testing.assert_array_equal(Average(MEMBERS[:1]).logits(X), MEMBERS[0].logits(X))


@pytest.mark.parametrize(
    ("members", "message"),
    [((), "no members"), ((MEMBERS[0], mlp((6, 3), rng=default_rng(0))), r"\[\(6, 3\), \(6, 4\)\]")],
)
def test_members_that_do_not_match_are_refused(members, message):
    with pytest.raises(ValueError, match=message):
        Average(members)
