"""The minimal norm against closed forms, brute force and attacks."""

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.optimize import linprog, minimize

from agents.attackers.hyperplanes import reach
from agents.attackers.minimal import MinimalNorm
from agents.attackers.pgd import PGD
from arena import Ball, Batch, GradientView
from arena.engine import Dense, Sequential
from arena.referee import Referee

NORMS = ("linf", "l2", "l1")
ORDER = {"linf": 1, "l2": 2, "l1": np.inf}  # the dual norms


def shortest(norm: str, x: np.ndarray, a: np.ndarray, c: float) -> float:
    """The least norm of d with <a, d> >= c and x + d in [0, 1], by general solvers."""
    n = len(x)
    if norm == "l2":
        answer = minimize(
            lambda d: d @ d, np.where(a > 0, 1 - x, -x), jac=lambda d: 2 * d, method="SLSQP", tol=1e-14,
            bounds=list(zip(-x, 1 - x, strict=True)),
            constraints={"type": "ineq", "fun": lambda d: a @ d - c, "jac": lambda d: a},
        )  # fmt: skip
        return float(np.sqrt(answer.fun))
    sizes = 1 if norm == "linf" else n
    cover = np.ones((n, 1)) if norm == "linf" else np.eye(n)
    rows = np.block([[np.eye(n), -cover], [-np.eye(n), -cover], [-a[None], np.zeros((1, sizes))]])
    right = np.concatenate([np.zeros(2 * n), [-c]])
    bounds = [*zip(-x, 1 - x, strict=True), *[(0, None)] * sizes]
    return float(linprog(np.concatenate([np.zeros(n), np.ones(sizes)]), rows, right, bounds=bounds).fun)


@pytest.mark.parametrize("norm", NORMS)
def test_the_way_to_a_half_space_is_the_shortest(norm):
    rng = default_rng(0)
    for _ in range(25):
        x, a = rng.random(6), rng.standard_normal(6) * (rng.random(6) < 0.8)
        most = float(np.maximum(a, 0) @ (1 - x) + np.maximum(-a, 0) @ x)
        c = most * rng.uniform(0.05, 0.95)
        ball = Ball(1.0, norm)
        d = reach(ball, x[None], a[None], np.array([c]))[0]
        assert a @ d == pytest.approx(c, abs=1e-9)
        assert ((x + d >= -1e-12) & (x + d <= 1 + 1e-12)).all()
        assert ball.size(d[None])[0] == pytest.approx(shortest(norm, x, a, c), abs=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_an_unreachable_half_space_gives_the_farthest_point_and_one_already_met_gives_zero(norm):
    x, a = np.full((1, 4), 0.25), np.array([[1.0, -2.0, 0.0, 3.0]])
    far = reach(Ball(1.0, norm), x, a, np.array([1e3]))
    np.testing.assert_allclose(far, [[0.75, -0.25, 0.0, 0.75]])
    assert not reach(Ball(1.0, norm), x, a, np.array([-1.0])).any()


@pytest.mark.parametrize("norm", NORMS)
def test_a_half_space_that_almost_no_slope_leads_to_is_as_far_as_the_box_goes(norm):
    a = np.array([[1e-35, 0.0, -1e-36]], np.float32)
    d = reach(Ball(1.0, norm), np.full((1, 3), 0.5, np.float32), a, np.array([1e6], np.float32))
    np.testing.assert_allclose(d, [[0.5, 0, -0.5]])


@pytest.mark.parametrize("norm", NORMS)
def test_on_a_linear_network_the_minimal_norm_is_the_closed_form(norm):
    rng = default_rng(1)
    W, b = 0.05 * rng.standard_normal((20, 5)), np.zeros(5)
    x = rng.uniform(0.4, 0.6, (200, 20)).astype(np.float32)
    model = Sequential((Dense.of(W, b),))
    z = x.astype(np.float64) @ W
    y = z.argmax(axis=1)
    gaps = z[np.arange(200), y][:, None] - z
    slopes = np.linalg.norm(W.T[y][:, None] - W.T[None], ord=ORDER[norm], axis=2)
    gaps[np.arange(200), y], slopes[np.arange(200), y] = np.inf, 1
    truth = (gaps / slopes).min(axis=1)
    inside = truth < 0.39  # no coordinate can meet the box
    view = GradientView(Batch(x, y), Ball(0.1, norm), model)
    _, size = MinimalNorm(rivals=4).nearest(view)
    assert inside.sum() > 100
    np.testing.assert_allclose(size[inside], truth[inside], rtol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_one_run_gives_the_curve_that_pgd_needs_a_run_a_radius_for(norm, look):
    radii = {"linf": (0.03, 0.06, 0.1), "l2": (0.3, 0.6, 0.9), "l1": (1.0, 2.0, 3.0)}[norm]
    shown = look(Ball(radii[0], norm), 200)
    x, size = MinimalNorm().nearest(shown)
    across = shown.field.x + np.float32(1.0001) * (x - shown.field.x)  # they stand a rounding beyond the border
    assert (shown.model.logits(across).argmax(axis=1) != shown.field.y)[np.isfinite(size)].all()
    for radius in radii:
        view = look(Ball(radius, norm), 200)
        pgd = view.model.logits(PGD(steps=100, restarts=3).move(view, default_rng(0)).x).argmax(axis=1) != view.field.y
        assert (size <= radius).mean() >= pgd.mean() - 0.015


@pytest.mark.parametrize("norm", NORMS)
def test_its_move_is_legal_and_fools_what_it_says(norm, look):
    view = look(Ball({"linf": 0.08, "l2": 0.5, "l1": 2.0}[norm], norm), 150)
    player = MinimalNorm(steps=30)
    answer = Referee(view.ball).judge(player.move(view, default_rng(0)), view.field)
    fooled = view.model.logits(answer.x).argmax(axis=1) != view.field.y
    _, size = player.nearest(view)
    assert abs(fooled.mean() - (size <= view.ball.radius).mean()) < 0.02
    assert fooled.mean() > 0.3
