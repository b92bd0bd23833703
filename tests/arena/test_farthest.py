import numpy as np
import pytest
from numpy.random import default_rng
from scipy.optimize import linprog, minimize_scalar

from arena import Ball

NORMS = ["l1", "l2", "linf"]
BOXES = [(0.0, 1.0), (-1e3, 1e3), (-np.inf, np.inf)]


def case(seed: int, n: int, k: int, dtype=np.float64) -> tuple[np.ndarray, np.ndarray]:
    rng = default_rng(seed)
    center = rng.random((n, k))
    center[rng.random((n, k)) < 0.25], center[rng.random((n, k)) < 0.25] = 0.0, 1.0
    return (rng.standard_normal((n, k)) * 10 ** rng.uniform(-3, 1, (n, 1))).astype(dtype), center.astype(dtype)


def best_by_linear_programming(g: np.ndarray, low: np.ndarray, high: np.ndarray, ball: Ball) -> float:
    """max <g, d> over low <= d <= high and the ball, with d = up - down."""
    k = len(g)
    reach = ball.radius if ball.norm == "linf" else np.inf
    bounds = [(0, min(h, reach)) for h in high] + [(0, min(-v, reach)) for v in low]
    spent = {"A_ub": np.ones((1, 2 * k)), "b_ub": [ball.radius]} if ball.norm == "l1" else {}
    return -linprog(np.concatenate([-g, g]), bounds=bounds, **spent).fun


def best_by_duality(g: np.ndarray, low: np.ndarray, high: np.ndarray, radius: float) -> float:
    """The least of the Lagrangian's upper bounds on <g, d>, d in the box and |d|_2 <= radius."""

    def bound(log_mu: float) -> float:
        mu = np.exp(log_mu)
        d = np.clip(g / mu, low, high)
        return float(g @ d - mu / 2 * (d @ d) + mu / 2 * radius**2)

    return min(minimize_scalar(bound, bounds=(-12, 8), method="bounded", options={"xatol": 1e-10}).fun, bound(-30))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", BOXES)
def test_farthest_reaches_the_optimum_of_a_convex_programme(norm, box):
    for seed, radius in enumerate((0.05, 0.4, 1.3, 3.0)):
        g, center = case(seed, 12, 6)
        ball = Ball(radius, norm, box)
        d = ball.farthest(g, center) - center
        for i in range(12):
            low, high = np.maximum(box[0] - center[i], -50), np.minimum(box[1] - center[i], 50)
            best = (
                best_by_duality(g[i], low, high, radius)
                if norm == "l2"
                else best_by_linear_programming(g[i], low, high, ball)
            )
            assert g[i] @ d[i] == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", BOXES)
def test_farthest_in_float32_loses_next_to_nothing(norm, box):
    g, center = case(7, 200, 30, np.float32)
    for radius in (0.1, 1.0, 5.0):
        ball = Ball(radius, norm, box)
        narrow = ball.farthest(g, center).astype(np.float64) - center
        wide = ball.farthest(g.astype(np.float64), center.astype(np.float64)) - center
        gained, best = ((g * d).sum(axis=1) for d in (narrow, wide))
        assert (gained >= (1 - 1e-4) * best).all()
        assert (gained <= (1 + 1e-5) * best).all()


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("box", BOXES)
def test_farthest_is_the_limit_of_a_huge_projected_step(norm, box):
    g, center = case(3, 100, 8)
    g = np.where(np.abs(g) < 1e-3, 1e-3, g)
    ball = Ball(0.5, norm, box)
    np.testing.assert_allclose(ball.farthest(g, center), ball.project(center + 1e7 * g, center), atol=1e-6)


def test_in_the_open_the_three_norms_have_their_closed_forms():
    g, center = np.array([[3.0, -4.0, 0.0]]), np.full((1, 3), 0.5)
    answers = {norm: (Ball(0.1, norm).farthest(g, center) - center)[0] for norm in NORMS}
    np.testing.assert_allclose(answers["linf"], [0.1, -0.1, 0])
    np.testing.assert_allclose(answers["l2"], [0.06, -0.08, 0])
    np.testing.assert_allclose(answers["l1"], [0, -0.1, 0])


def test_what_a_wall_takes_from_one_coordinate_goes_to_the_others():
    g, center = np.array([[3.0, 4.0]]), np.array([[0.5, 0.97]])
    np.testing.assert_allclose(Ball(0.1, "l1").farthest(g, center), [[0.57, 1.0]])
    np.testing.assert_allclose(Ball(0.1, "l2").farthest(g, center), [[0.5 + np.sqrt(0.01 - 0.0009), 1.0]])
    np.testing.assert_allclose(Ball(0.1, "linf").farthest(g, center), [[0.6, 1.0]])


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("radius", [0.1, 5.0])
def test_a_zero_gradient_goes_nowhere_and_a_tiny_one_all_the_way(norm, box, radius):
    ball, center = Ball(radius, norm, box), np.full((3, 4), 0.5, np.float32)
    g = np.array([[0, 0, 0, 0], [1e-30, -2e-30, 0, 0], [1e-40, 0, 0, 0]], np.float32)
    answer = ball.farthest(g, center)
    np.testing.assert_array_equal(answer[0], center[0])
    same = ball.farthest(g[1:2] * np.float32(1e30), center[1:2])
    np.testing.assert_allclose(answer[1:2], same, rtol=1e-6)
    expected = min(radius, 0.5 if box == BOXES[0] else np.inf)
    np.testing.assert_allclose(answer[2] - 0.5, [expected, 0, 0, 0], rtol=1e-5)


@pytest.mark.parametrize("norm", NORMS)
def test_a_gradient_of_any_dtype_gives_rows_of_the_centres_dtype(norm):
    g, center = case(0, 5, 4)
    for dtype in (np.float32, np.float64):
        assert Ball(0.2, norm).farthest(g, center.astype(dtype)).dtype == dtype


@pytest.mark.parametrize("norm", ["l1", "l2"])
@pytest.mark.parametrize("radius", [0.1, 1.0, 5.0])
def test_large_pixels_in_a_small_ball_keep_nearly_the_whole_budget(norm, radius):
    ball, rng = Ball(radius, norm, (-1e3, 1e3)), default_rng(0)
    center = rng.uniform(-900, 900, (40, 784)).astype(np.float32)
    g = rng.standard_normal((40, 784)).astype(np.float32)
    for moved in (ball.farthest(g, center), ball.project(center + 100 * g, center)):
        size = ball.size(moved.astype(np.float64) - center)
        assert (size <= radius).all()
        assert (size >= 0.98 * radius).all()
