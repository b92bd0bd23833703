import numpy as np
import pytest
from numpy.random import default_rng
from scipy import stats

from arena.engine import Dense, Dropout, Layer, ReLU, Sequential, SpectralNorm, mlp


@pytest.mark.parametrize(("fan_in", "fan_out"), [(400, 600), (50, 4000), (3000, 70)])
def test_he_initialisation_is_normal_with_variance_two_over_fan_in(fan_in, fan_out):
    dense = Dense.he(fan_in, fan_out, default_rng(0))
    W, n = dense.W.astype(np.float64).ravel(), fan_in * fan_out
    assert W.var() == pytest.approx(2 / fan_in, rel=5 * np.sqrt(2 / n))
    assert abs(W.mean()) < 5 * np.sqrt(2 / fan_in / n)
    assert stats.kstest(W / np.sqrt(2 / fan_in), "norm").pvalue > 1e-3
    assert not dense.b.any()
    assert dense.W.dtype == dense.b.dtype == np.float32


def test_dense_is_the_affine_map():
    W, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5])
    model = Sequential((Dense.of(W, b),))
    np.testing.assert_allclose(model.logits(np.array([[1.0, 0.0, -1.0]])), [[-3.5, -4.5]])
    np.testing.assert_allclose(Sequential((Dense.of(W),)).logits(np.array([[0.0, 1.0, 0.0]])), [[3.0, 4.0]])


def test_relu_keeps_what_is_above_zero():
    x = np.array([[-2.0, 0.0, 3.0]])
    np.testing.assert_array_equal(ReLU().forward((), x), [[0.0, 0.0, 3.0]])


@pytest.mark.parametrize(
    ("W", "b", "message"),
    [
        (np.ones(3), None, "W must be a finite array of 2 dimensions"),
        (np.full((2, 2), np.nan), None, "W must be a finite array"),
        (np.ones((2, 3)), np.ones(2), r"b must have shape \(3,\) to fit W \(2, 3\); got \(2,\)"),
        (np.ones((2, 3)), np.full(3, np.inf), "b must be a finite array"),
    ],
)
def test_bad_weights_are_refused_by_name(W, b, message):
    with pytest.raises(ValueError, match=message):
        Dense.of(W, b)


def test_mlp_puts_activation_and_dropout_between_dense_layers():
    kinds = [type(layer) for layer in mlp((5, 4, 3, 2), rng=default_rng(0), dropout=0.5).layers]
    assert kinds == [Dense, ReLU, Dropout, Dense, ReLU, Dropout, Dense]
    kinds = [type(layer) for layer in mlp((5, 4, 2), rng=default_rng(0), kappa=2.0).layers]
    assert kinds == [SpectralNorm, ReLU, SpectralNorm]
    assert [p.shape for layer in mlp((5, 4, 2), rng=default_rng(0)).params for p in layer] == [
        (5, 4),
        (4,),
        (4, 2),
        (2,),
    ]


def test_mlp_with_one_dense_layer_has_nothing_between():
    assert [type(layer) for layer in mlp((5, 2), rng=default_rng(0), dropout=0.3).layers] == [Dense]


@pytest.mark.parametrize("sizes", [(), (5,), (5, 0, 2), (-1, 2)])
def test_mlp_refuses_sizes_that_make_no_network(sizes):
    with pytest.raises(ValueError, match="sizes must be at least two whole numbers"):
        mlp(sizes, rng=default_rng(0))


def test_mlp_refuses_a_dropout_rate_of_one():
    with pytest.raises(ValueError, match="rate is the share dropped"):
        mlp((5, 4, 2), rng=default_rng(0), dropout=1.0)


def test_a_network_needs_a_layer():
    with pytest.raises(ValueError, match="at least one layer"):
        Sequential(())


def test_a_network_knows_its_features_and_classes():
    model = Sequential((ReLU(), SpectralNorm(Dense.he(7, 4, default_rng(0))), Dense.he(4, 3, default_rng(0))))
    assert (model.features, model.classes, model.dtype) == (7, 3, np.float32)


def test_a_layer_without_a_lipschitz_constant_says_so():
    class Cube(Layer):
        def forward(self, params, x, rng=None):
            return x**3

    with pytest.raises(TypeError, match="Cube declares no Lipschitz constant: give it a method lipschitz"):
        Sequential((Dense.he(2, 2, default_rng(0)), Cube())).lipschitz()
