"""Singular values: proven from above, and nothing that power iteration says is believed."""

import numpy as np
import pytest
from numpy.random import default_rng

from arena import InvalidValue
from arena.certify import gram_bound, proven_sigma, proves
from arena.engine.singular_values import power_step, sigma


def hidden_top(n: int = 40) -> np.ndarray:
    """Singular values 2, 1, 1, …: the top direction is hidden from a start orthogonal to it."""
    rng = default_rng(0)
    U, V = (np.linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2))
    return U @ np.diag([2.0, *[1.0] * (n - 1)]) @ V.T


def test_power_iterations_claim_about_a_hidden_direction_is_not_proven():
    W = hidden_top()
    u = np.linalg.svd(W)[0][:, 1]
    for _ in range(5):
        u = power_step(W, u)
    claim = float(np.linalg.norm(W.T @ u))
    assert claim < 1.01
    assert not proves(W, claim * (1 + 1e-3))
    assert proves(W, proven_sigma(W))
    assert proven_sigma(W) == pytest.approx(2, rel=1e-8)


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (128, 64), (200, 200), (784, 32)])
@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1.0, 1e150])
def test_the_bound_holds_and_is_tight_at_every_scale(shape, scale):
    W = default_rng(1).standard_normal(shape) * scale
    top = sigma(W / scale) * scale
    assert top <= proven_sigma(W) <= top * (1 + 1e-6)
    assert top <= gram_bound(W) <= top * 1.02


def test_less_than_the_truth_is_never_proven():
    for seed in range(20):
        W = default_rng(seed).standard_normal((30, 12))
        assert not proves(W, sigma(W) * (1 - 1e-12))
        assert proves(W, sigma(W) * (1 + 1e-9))


def test_nan_proves_nothing():
    W = np.eye(3)
    W[0, 0] = np.nan
    assert not proves(W, 10.0)
    assert not proves(np.eye(3), np.nan)
    with pytest.raises(InvalidValue, match="NaN"):
        proven_sigma(W)
    assert proven_sigma(np.zeros((3, 4))) == 0.0


def test_sine_is_lipschitz_the_square_is_not_and_compositions_multiply():
    x = default_rng(0).uniform(-50, 50, (1000, 2))
    gap = np.abs(x[:, 0] - x[:, 1])
    assert (np.abs(np.sin(x[:, 0]) - np.sin(x[:, 1])) <= gap).all()
    steep = [np.abs((t + 1) ** 2 - t**2) for t in (1, 10, 100, 1000)]
    assert np.diff(steep).min() > 0  # over one unit the square's change has no bound
    assert (np.abs(np.sin(3 * np.sin(2 * x[:, 0])) - np.sin(3 * np.sin(2 * x[:, 1]))) <= 6 * gap + 1e-12).all()
