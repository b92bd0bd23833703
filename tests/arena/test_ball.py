import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.random import default_rng

from arena import Ball, InvalidValue, ThreatModel

NORMS = ["l1", "l2", "linf"]
GRADIENTS = arrays(np.float64, (4, 5), elements=st.floats(-1e3, 1e3).filter(lambda v: v == 0 or abs(v) > 1e-9))
ORDER = {"l1": 1, "l2": 2, "linf": np.inf}
DUAL = {"l1": np.inf, "l2": 2, "linf": 1}


@given(GRADIENTS, st.sampled_from(NORMS))
def test_the_direction_is_the_steepest_in_the_unit_ball(g, norm):
    d = Ball(1.0, norm).direction(g)
    lengths = np.linalg.norm(d, ord=ORDER[norm], axis=1)
    nonzero = g.any(axis=1)
    np.testing.assert_allclose(lengths[nonzero], 1)
    assert not d[~nonzero].any()
    # <g, d> over the unit ball is largest at the dual norm of g
    np.testing.assert_allclose((g * d).sum(axis=1), np.linalg.norm(g, ord=DUAL[norm], axis=1), rtol=1e-9)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("size", [1e-30, 1e-40, 1e30])
def test_tiny_and_huge_gradients_give_a_full_step_in_float32(norm, size):
    g = (np.array([[3, -4, 0, 0]]) * np.float64(size)).astype(np.float32)
    d = Ball(1.0, norm).direction(g)
    assert d.dtype == np.float32
    expected = {"l1": [0, -1, 0, 0], "l2": [0.6, -0.8, 0, 0], "linf": [1, -1, 0, 0]}[norm]
    np.testing.assert_allclose(d[0], expected, rtol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
def test_a_step_along_the_direction_climbs_faster_than_any_other_of_its_length(norm):
    rng = default_rng(0)
    g = rng.standard_normal((1, 6))
    others = rng.standard_normal((5000, 6))
    others /= np.linalg.norm(others, ord=ORDER[norm], axis=1, keepdims=True)
    assert (others @ g[0]).max() <= (g * Ball(1.0, norm).direction(g)).sum() + 1e-12


def test_size_is_the_norm_in_float64():
    d = default_rng(0).standard_normal((50, 7)).astype(np.float32)
    for norm in NORMS:
        size = Ball(1.0, norm).size(d)
        assert size.dtype == np.float64
        np.testing.assert_allclose(size, np.linalg.norm(d.astype(np.float64), ord=ORDER[norm], axis=1), rtol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_the_violation_is_how_far_a_point_lies_outside(norm):
    center = np.array([[0.5, 0.5], [0.9, 0.5], [0.5, 0.5], [0.5, 0.5]])
    x = np.array([[0.5, 0.75], [1.05, 0.5], [0.5, 0.6], [np.nan, 0.5]])
    np.testing.assert_allclose(Ball(0.2, norm).violation(x, center), [0.05, 0.05, 0, np.inf])
    np.testing.assert_allclose(Ball(0.2, norm).violation(x[:1], np.array([[0.5, 0.75]])), 0)


def test_violation_counts_the_larger_of_ball_and_box():
    ball = Ball(0.1, "linf")
    np.testing.assert_allclose(ball.violation(np.array([[1.3, 0.5]]), np.array([[0.9, 0.5]])), [0.3])
    np.testing.assert_allclose(ball.violation(np.array([[1.05, 0.5]]), np.array([[0.9, 0.5]])), [0.05])
    np.testing.assert_allclose(ball.violation(np.array([[-np.inf, 0.5]]), np.array([[0.9, 0.5]])), [np.inf])


@pytest.mark.parametrize("radius", [0, -0.1, float("nan"), float("inf"), "0.1", True, None])
def test_a_radius_that_is_no_number_above_zero_is_refused(radius):
    with pytest.raises(InvalidValue, match="radius must be a finite number above 0; got"):
        Ball(radius)


@pytest.mark.parametrize("norm", ["l3", "Linf", "", 2, None])
def test_an_unknown_norm_is_refused(norm):
    with pytest.raises(InvalidValue, match="norm must be one of linf, l2, l1; got"):
        Ball(0.1, norm)


def test_a_misspelt_norm_is_answered_with_the_nearest():
    with pytest.raises(InvalidValue, match="did you mean 'linf'"):
        Ball(0.1, "linff")


@pytest.mark.parametrize("box", [(1, 0), (0.5, 0.5), (float("nan"), 1), (0, float("nan"))])
def test_an_empty_box_is_refused(box):
    with pytest.raises(InvalidValue, match=r"box must be \(low, high\), two numbers with low < high"):
        Ball(0.1, "l2", box)


def test_a_threat_model_checks_its_words():
    with pytest.raises(InvalidValue, match="access must be one of gradients, scores, labels, nothing; got 'logits'"):
        ThreatModel(ball=Ball(0.1), access="logits")
    with pytest.raises(InvalidValue, match="queries must be a whole number of at least 1; got 0"):
        ThreatModel(ball=Ball(0.1), access="labels", queries=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bounds_lie_inside_ball_and_box_and_hardly_short_of_them(dtype):
    center = default_rng(0).random((100, 20)).astype(dtype)
    for radius in (1e-4, 0.15, 0.3, 2.0):
        low, high = Ball(radius).bounds(center)
        wide = center.astype(np.float64)
        exact = np.maximum(wide - radius, 0), np.minimum(wide + radius, 1)
        assert (low.astype(np.float64) >= exact[0]).all()
        assert (high.astype(np.float64) <= exact[1]).all()
        roundings = np.finfo(dtype).eps * (2 + 4 * radius)
        np.testing.assert_allclose(low, exact[0], rtol=0, atol=roundings)
        np.testing.assert_allclose(high, exact[1], rtol=0, atol=roundings)
