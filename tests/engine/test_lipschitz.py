from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from arena.engine import Dense, Dropout, ReLU, Sequential, SpectralNorm, mlp, sigma_upper_bound

WHOLE = st.lists(st.integers(-50, 50), min_size=1, max_size=12)


@given(WHOLE, WHOLE)
def test_the_bound_is_never_below_the_exact_norm_of_a_rank_one_matrix(a, b):
    bound = Fraction(Dense.of(np.outer(a, b).astype(np.float64)).lipschitz())
    assert bound**2 >= sum(v * v for v in a) * sum(v * v for v in b)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 10**6), st.sampled_from([np.float32, np.float64]))
def test_the_bound_is_never_below_the_svd_and_hardly_above(rows, columns, seed, dtype):
    W = default_rng(seed).standard_normal((rows, columns)).astype(dtype)
    top = np.linalg.svd(W.astype(np.float64), compute_uv=False)[0]
    assert top < sigma_upper_bound(W) <= top * (1 + 1e-8)


def test_the_bound_holds_for_a_hadamard_matrix():
    H = np.array([[1.0]])
    for power in range(1, 7):
        H = np.block([[H, H], [H, -H]])
        assert Fraction(sigma_upper_bound(H)) ** 2 >= 2**power


NETWORKS = {
    "dense": mlp((8, 16, 12, 5), rng=default_rng(0)),
    "scaled dropout": Sequential(
        (Dense.he(8, 16, default_rng(1)), ReLU(), Dropout(0.5, inverted=False), Dense.he(16, 5, default_rng(2)))
    ),
    "normalised": mlp((8, 16, 5), rng=default_rng(3), kappa=0.5),
    "linear": mlp((8, 5), rng=default_rng(4)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_no_pair_of_points_beats_the_networks_bound(name):
    given = NETWORKS[name]
    model = given.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in given.params))
    rng, worst = default_rng(5), 0.0
    for scale in (1e-3, 1e-1, 1.0, 10.0):
        x = rng.standard_normal((2000, 8))
        z = x + scale * rng.standard_normal(x.shape)
        ratio = np.linalg.norm(model.logits(x) - model.logits(z), axis=1) / np.linalg.norm(x - z, axis=1)
        worst = max(worst, ratio.max())
    assert 0.1 * model.lipschitz() < worst <= model.lipschitz()


def test_a_linear_networks_bound_is_attained_along_its_top_singular_vector():
    W = default_rng(0).standard_normal((7, 4))
    u = np.linalg.svd(W)[0][:, :1].T
    model = Sequential((Dense.of(W, np.ones(4)),))
    stretch = np.linalg.norm(model.logits(u) - model.logits(0 * u))
    assert stretch <= model.lipschitz() <= stretch * (1 + 1e-6)


def test_the_bound_is_the_product_of_the_layers_bounds():
    first, second = Dense.he(6, 5, default_rng(0)), Dense.he(5, 4, default_rng(1))
    layers = (first, ReLU(), Dropout(0.5, inverted=False), SpectralNorm(second, 2.0))
    expected = np.linalg.norm(first.W.astype(np.float64), 2) * 0.5 * 2.0
    assert Sequential(layers).lipschitz() == pytest.approx(expected, rel=1e-6)
