import numpy as np
import pytest
from autograd.core import make_vjp
from numpy.random import default_rng

from arena.engine import SGD, Dense, SpectralNorm, fit, fitted, mlp, sigma
from arena.engine.singular_values import power_step, top_left_vector

SHAPES = [(3, 3), (20, 5), (4, 30), (1, 6), (6, 1)]


def true_norm(W: np.ndarray) -> float:
    return float(np.linalg.svd(W.astype(np.float64), compute_uv=False)[0])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kappa", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_layers_constant_is_kappa(shape, kappa, dtype):
    for scale in (1e-4, 1.0, 1e4):
        W = (scale * default_rng(0).standard_normal(shape)).astype(dtype)
        folded = SpectralNorm(Dense.of(W), kappa).folded().W
        assert true_norm(folded) == pytest.approx(kappa, rel=1e-6 if dtype is np.float32 else 1e-12)


def test_dividing_by_twice_sigma_gives_one_half():
    W = default_rng(0).standard_normal((8, 6))
    x = default_rng(1).standard_normal((5, 8))
    layer = SpectralNorm(Dense.of(W), 0.5)
    np.testing.assert_allclose(layer.forward(layer.params, x), x @ (W / (2 * true_norm(W))), rtol=1e-12)


def normalised(W: np.ndarray, kappa: float, G: np.ndarray) -> float:
    return float(np.sum(G * kappa * W / true_norm(W)))


@pytest.mark.parametrize("shape", [(5, 4), (3, 8)])
def test_the_gradient_goes_through_the_true_sigma(shape):
    rng = default_rng(0)
    W, G, kappa, h = rng.standard_normal(shape), rng.standard_normal(shape), 0.7, 1e-6
    layer = SpectralNorm(Dense.of(W), kappa)
    numeric = np.zeros(shape)
    for at in np.ndindex(shape):
        step = np.zeros(shape)
        step[at] = h
        numeric[at] = (normalised(W + step, kappa, G) - normalised(W - step, kappa, G)) / (2 * h)
    np.testing.assert_allclose(layer.pull_weight(W, G), numeric, rtol=1e-6, atol=1e-8)
    by_tape = make_vjp(lambda w: layer.forward((w, layer.dense.b), np.eye(shape[0])), W)[0](G)
    np.testing.assert_allclose(by_tape, numeric, rtol=1e-6, atol=1e-8)


def test_power_iteration_under_estimates_and_rises_to_sigma():
    rng = default_rng(0)
    for shape in SHAPES:
        W, u = rng.standard_normal(shape), rng.standard_normal(shape[0])
        u /= np.linalg.norm(u)
        estimates = []
        for _ in range(500):
            estimates.append(np.linalg.norm(W.T @ u))
            u = power_step(W, u)
            assert np.linalg.norm(u) == pytest.approx(1)
        assert max(estimates) <= true_norm(W) * (1 + 1e-12)
        assert (np.diff(estimates) >= -1e-12).all()
        assert estimates[-1] == pytest.approx(true_norm(W), rel=1e-6)
    assert estimates[0] <= true_norm(W)


def test_a_power_step_from_a_vector_that_is_mapped_to_zero_stays():
    u = np.array([0.0, 1.0])
    np.testing.assert_array_equal(power_step(np.array([[2.0], [0.0]]), u), u)


def test_sigma_and_its_vector_are_exact():
    for shape in SHAPES:
        W = default_rng(1).standard_normal(shape)
        assert sigma(W) == pytest.approx(true_norm(W), rel=1e-12)
        assert np.linalg.norm(W.T @ top_left_vector(W)) == pytest.approx(true_norm(W), rel=1e-12)


def test_one_update_moves_u_by_a_power_step_and_the_end_settles_it():
    old, new = (Dense.he(9, 7, default_rng(seed)) for seed in (0, 1))
    u = top_left_vector(old.W)
    moved = SpectralNorm(new, 2.0, u).after_step()
    np.testing.assert_array_equal(moved.u, power_step(new.W, u))
    assert true_norm(moved.folded().W) > 2.0 + 1e-3  # sigma is under-estimated
    assert true_norm(moved.settled().folded().W) == pytest.approx(2.0, rel=1e-6)


def test_a_trained_networks_layers_have_the_constant_exactly():
    rng = default_rng(0)
    x, y = rng.random((200, 6), dtype=np.float32), rng.integers(0, 3, 200)
    trained = fitted(fit(mlp((6, 9, 3), rng=rng, kappa=1.5), x, y, rng=rng, epochs=5, optimiser=SGD(learning_rate=0.5)))
    for layer in (trained.layers[0], trained.layers[2]):
        assert true_norm(layer.folded().W) == pytest.approx(1.5, rel=1e-6)
    assert 2.25 <= trained.lipschitz() <= 2.25 * (1 + 1e-5)


@pytest.mark.parametrize("kappa", [0.0, -1.0, float("nan"), float("inf")])
def test_a_constant_that_is_none_is_refused(kappa):
    with pytest.raises(ValueError, match="kappa, the layer's Lipschitz constant, must be finite and above 0"):
        SpectralNorm(Dense.he(3, 2, default_rng(0)), kappa)


def test_a_layer_of_zeros_is_refused():
    with pytest.raises(ValueError, match="no direction to normalise"):
        SpectralNorm(Dense.of(np.zeros((3, 2))))
