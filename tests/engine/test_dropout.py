import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import Dense, Dropout, ReLU, Sequential

N = 400_000


def training_mean(layer: Dropout, x: float) -> float:
    return float(layer.forward((), np.full((N, 1), x, np.float64), default_rng(0)).mean())


def test_rate_is_the_share_dropped():
    out = Dropout(0.3).forward((), np.ones((N, 1)), default_rng(0))
    assert (out == 0).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / N))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_expected_activations_of_both_forms_agree_with_their_inference(rate):
    keep, x = 1 - rate, 1.7
    inverted, scaled = Dropout(rate), Dropout(rate, inverted=False)
    spread = 4 * x * np.sqrt(rate * keep / N)  # four standard errors of the mean of the kept
    at_test_time = [layer.forward((), np.full((1, 1), x)).item() for layer in (inverted, scaled)]
    assert at_test_time == [x, pytest.approx(keep * x)]
    assert training_mean(inverted, x) == pytest.approx(at_test_time[0], abs=spread / keep)
    assert training_mean(scaled, x) == pytest.approx(at_test_time[1], abs=spread)


def test_the_two_forms_are_one_another_scaled_by_the_keep_probability():
    x = default_rng(1).standard_normal((50, 8))
    for rng in (None, 3):
        inverted, scaled = (
            Dropout(0.4, inverted=form).forward((), x, None if rng is None else default_rng(rng))
            for form in (True, False)
        )
        np.testing.assert_allclose(scaled, 0.6 * inverted, rtol=1e-12)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan")])
def test_a_rate_outside_zero_to_one_is_refused(rate):
    with pytest.raises(ValueError, match=r"rate is the share dropped, in \[0, 1\); got"):
        Dropout(rate)


def test_a_rate_of_zero_changes_nothing():
    x = default_rng(0).standard_normal((9, 4))
    for layer in (Dropout(0.0), Dropout(0.0, inverted=False)):
        np.testing.assert_array_equal(layer.forward((), x, default_rng(1)), x)
        np.testing.assert_array_equal(layer.forward((), x), x)


@pytest.mark.parametrize("inverted", [True, False])
def test_inference_is_the_inference_factor_times_the_input(inverted):
    layer = Dropout(0.25, inverted=inverted)
    assert layer.inference_factor == (1.0 if inverted else 0.75)
    assert layer.lipschitz() == layer.inference_factor
    x = default_rng(0).standard_normal((5, 3))
    np.testing.assert_allclose(layer.forward((), x), layer.inference_factor * x)


@pytest.mark.parametrize("inverted", [True, False])
def test_inference_is_not_random_and_training_is(inverted):
    dense = Dense.he(6, 30, default_rng(0))
    model = Sequential((dense, ReLU(), Dropout(0.5, inverted=inverted), Dense.he(30, 2, default_rng(1))))
    x = default_rng(2).standard_normal((4, 6)).astype(np.float32)
    np.testing.assert_array_equal(model.logits(x), model.logits(x))
    first, again = (model.forward(model.params, x, default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, model.forward(model.params, x, default_rng(4)))
