import numpy as np
import pytest
from numpy.random import default_rng
from scipy import stats

from arena import Ball

NORMS = ["l1", "l2", "linf"]
N, K = 20_000, 5


def drawn(norm: str, dtype=np.float64, radius: float = 0.3) -> np.ndarray:
    center = (0.5 + 0.1 * default_rng(7).random((N, K))).astype(dtype)
    ball = Ball(radius, norm)
    x = ball.uniform(center, default_rng(0))
    assert x.dtype == dtype
    assert ball.violation(x, center).max() <= 1e-15
    return (x.astype(np.float64) - center) / radius


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_share_of_draws_within_a_radius_is_its_share_of_the_volume(norm, dtype):
    sizes = Ball(1.0, norm).size(drawn(norm, dtype))
    assert stats.kstest(sizes**K, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("norm", "share", "law"),
    [
        ("l1", lambda d: np.abs(d) / np.abs(d).sum(axis=1, keepdims=True), stats.beta(1, K - 1)),
        ("l2", lambda d: d**2 / (d**2).sum(axis=1, keepdims=True), stats.beta(0.5, (K - 1) / 2)),
        ("linf", lambda d: (d + 1) / 2, stats.uniform()),
    ],
)
def test_the_directions_of_draws_have_the_law_of_their_ball(norm, share, law):
    shares = share(drawn(norm))
    for coordinate in range(K):
        assert stats.kstest(shares[:, coordinate], law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("norm", NORMS)
def test_signs_are_fair_and_independent_of_one_another(norm):
    up = drawn(norm) > 0
    assert stats.chisquare(np.bincount(up @ (1 << np.arange(K)), minlength=2**K)).pvalue > 1e-3


@pytest.mark.parametrize("norm", NORMS)
def test_draws_stay_in_ball_and_box_where_the_box_binds(norm):
    rng = default_rng(1)
    center = rng.integers(0, 3, (2000, 16)).astype(np.float32) / 2
    for radius in (1e-3, 0.3, 5.0):
        ball = Ball(radius, norm)
        x = ball.uniform(center, rng)
        assert ball.violation(x, center).max() == 0
        assert (x[center == 0] > 0).mean() > 0.4  # half of the coordinates at a wall move off it


@pytest.mark.parametrize("norm", NORMS)
def test_the_stream_decides_the_draw(norm):
    center, ball = np.full((4, 3), 0.5, np.float32), Ball(0.2, norm)
    first, again, other = (ball.uniform(center, default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
