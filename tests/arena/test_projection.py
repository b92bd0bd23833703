import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from arena import Ball

NORMS = ["l1", "l2", "linf"]
ROOMY = (-1e3, 1e3)


def onto_l1_ball(d: np.ndarray, radius: float) -> np.ndarray:
    """Row by row, by sorting (Duchi et al., 2008)."""
    out = d.copy()
    for i in np.flatnonzero(np.abs(d).sum(axis=1) > radius):
        u = np.sort(np.abs(d[i]))[::-1]
        thresholds = (np.cumsum(u) - radius) / np.arange(1, len(u) + 1)
        out[i] = np.sign(d[i]) * np.maximum(np.abs(d[i]) - thresholds[np.flatnonzero(u > thresholds)[-1]], 0)
    return out


def onto_ball(d: np.ndarray, radius: float, norm: str) -> np.ndarray:
    if norm == "l1":
        return onto_l1_ball(d, radius)
    if norm == "l2":
        return d * np.minimum(1, radius / np.maximum(np.linalg.norm(d, axis=1, keepdims=True), 1e-300))
    return np.clip(d, -radius, radius)


def dykstra(x: np.ndarray, center: np.ndarray, ball: Ball, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest points by alternating projections with Dykstra's corrections, and which rows stopped moving."""
    p, q, earlier = np.zeros_like(x), np.zeros_like(x), x
    for i in range(rounds):
        y = center + onto_ball(x + p - center, ball.radius, ball.norm)
        p = x + p - y
        x = np.clip(y + q, *ball.box)
        q = y + q - x
        earlier = x if i == rounds // 2 else earlier
    return x, np.abs(x - earlier).max(axis=1) < 1e-11


def case(seed: int, n: int, k: int, spread: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Centres of which two in five coordinates touch the box, and points around them."""
    rng = default_rng(seed)
    center = rng.random((n, k))
    center[rng.random((n, k)) < 0.2], center[rng.random((n, k)) < 0.2] = 0.0, 1.0
    return center, center + spread * rng.standard_normal((n, k))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_the_projection_is_dykstras(norm, k):
    for seed, radius in enumerate((0.05, 0.5, 1.0, 2.5)):
        center, x = case(seed, 25, k)
        ball = Ball(radius, norm)
        expected, settled = dykstra(x, center, ball, 3000 if norm == "l2" else 400)
        assert settled.mean() > 0.85
        np.testing.assert_allclose(ball.project(x, center)[settled], expected[settled], rtol=0, atol=1e-9)
        np.testing.assert_allclose(ball.project(x, center), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", [ROOMY, (-np.inf, np.inf)])
def test_with_the_box_out_of_reach_the_projection_is_the_balls(norm, box):
    center, x = case(0, 200, 7)
    for radius in (1e-3, 0.3, 3.0):
        expected = center + onto_ball(x - center, radius, norm)
        np.testing.assert_allclose(Ball(radius, norm, box).project(x, center), expected, atol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_with_the_ball_out_of_reach_the_projection_is_the_boxs(norm):
    center, x = case(0, 200, 7)
    np.testing.assert_array_equal(Ball(100.0, norm).project(x, center), np.clip(x, 0, 1))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_points_inside_stay_where_they_are(norm, dtype):
    ball, (center, x) = Ball(0.5, norm), case(0, 300, 5, spread=0.1)
    center, x = center.astype(dtype), np.clip(x, 0, 1).astype(dtype)
    inside = ball.size(x - center) < 0.49
    assert inside.sum() > 100
    np.testing.assert_allclose(ball.project(x, center)[inside], x[inside], atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_projecting_twice_is_projecting_once(norm, dtype):
    center, x = (array.astype(dtype) for array in case(1, 300, 30))
    for radius in (0.01, 0.3, 2.0):
        ball = Ball(radius, norm)
        once = ball.project(x, center)
        np.testing.assert_allclose(ball.project(once, center), once, rtol=0, atol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("norm", NORMS)
def test_the_whole_radius_is_spent_where_the_box_leaves_room(norm):
    center, x = (array.astype(np.float32) for array in case(2, 300, 40, spread=3.0))
    ball = Ball(0.4, norm)
    assert ball.size(np.clip(x, 0, 1) - center).min() > 0.4
    reached = ball.size(ball.project(x, center).astype(np.float64) - center)
    assert reached.min() >= 0.4 * (1 - 1e-4)


@given(
    norm=st.sampled_from(NORMS),
    power=st.floats(-4, 1),
    k=st.sampled_from([1, 2, 9, 64, 784]),
    seed=st.integers(0, 10**6),
    box=st.sampled_from([(0.0, 1.0), (-1.0, 1.0), ROOMY, (-np.inf, np.inf), (0.0, 256.0)]),
)
def test_float32_answers_lie_inside_when_measured_in_float64(norm, power, k, seed, box):
    ball, rng = Ball(10.0**power, norm, box), default_rng(seed)
    low, high = np.clip(box, -256, 256)
    center = (low + (high - low) * rng.random((8, k))).astype(np.float32)
    center[rng.random((8, k)) < 0.3] = low
    x = center + (10.0 ** rng.uniform(-5, 1) * rng.standard_normal((8, k))).astype(np.float32)
    for answer in (ball.project(x, center), ball.farthest(x - center, center), ball.uniform(center, rng)):
        assert answer.dtype == np.float32
        assert ball.violation(answer, center).max() == 0.0


@pytest.mark.parametrize("norm", NORMS)
def test_projection_and_farthest_leave_their_arguments_alone(norm):
    ball, (center, x) = Ball(0.3, norm), case(3, 20, 5)
    kept = center.copy(), x.copy()
    ball.project(x, center)
    ball.farthest(x, center)
    ball.direction(x)
    ball.uniform(center, default_rng(0))
    np.testing.assert_array_equal(center, kept[0])
    np.testing.assert_array_equal(x, kept[1])
