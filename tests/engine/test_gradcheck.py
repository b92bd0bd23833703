from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from autograd.extend import defvjp, primitive
from numpy.random import default_rng

from arena.engine import (
    DLR,
    CrossEntropy,
    Dense,
    Dropout,
    Layer,
    Loss,
    Margin,
    MeanSquaredError,
    ReLU,
    SpectralNorm,
    Towards,
    check_gradient,
    check_layer,
    check_loss,
    check_model,
    mlp,
)


@primitive
def wrong_square(x, factor):
    return x**2


defvjp(wrong_square, lambda ans, x, factor: lambda g: factor * g * x)


@dataclass(frozen=True, eq=False)
class Square(Layer):
    factor: float

    def forward(self, params, x, rng=None):
        return wrong_square(x, self.factor)


@dataclass(frozen=True)
class ScaledCrossEntropy(Loss):
    factor: float

    def value_and_grad(self, z, y):
        values, g = CrossEntropy().value_and_grad(z, y)
        return values, self.factor * g


LAYERS = {
    "dense": (Dense.he(7, 5, default_rng(1)), 7),
    "relu": (ReLU(), 6),
    "dropout": (Dropout(0.3), 6),
    "dropout at test time": (Dropout(0.3, inverted=False), 6),
    "spectral norm": (SpectralNorm(Dense.he(7, 5, default_rng(2))), 7),
    "spectral norm of one half": (SpectralNorm(Dense.he(4, 9, default_rng(3)), 0.5), 4),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_agrees_with_finite_differences(name):
    for seed in range(3):
        check_layer(*LAYERS[name], seed=seed)


@pytest.mark.parametrize(
    "loss", [CrossEntropy(), Margin(), DLR(), MeanSquaredError(), Towards(CrossEntropy(), 1)], ids=repr
)
@pytest.mark.parametrize("classes", [2, 3, 10])
def test_every_loss_agrees_with_finite_differences(loss, classes):
    for seed in range(3):
        check_loss(loss, classes=classes, seed=seed)


def test_a_right_gradient_of_a_users_layer_and_loss_passes():
    check_layer(Square(2.0), 5)
    check_loss(ScaledCrossEntropy(1.0))
    check_loss(lambda z, y: anp.sum(z**3, axis=1))


@pytest.mark.parametrize("factor", [2.001, -2.0, 0.0])
def test_a_wrong_gradient_of_a_layer_is_caught(factor):
    with pytest.raises(AssertionError, match="finite differences give"):
        check_layer(Square(factor), 5)


@pytest.mark.parametrize("factor", [1.001, -1.0, 0.0])
def test_a_wrong_gradient_of_a_loss_is_caught(factor):
    with pytest.raises(AssertionError, match="finite differences give"):
        check_loss(ScaledCrossEntropy(factor))


def test_a_wrong_gradient_in_a_parameter_is_caught():
    @dataclass(frozen=True, eq=False)
    class Wrong(Layer):
        weights = ("scale",)
        scale: np.ndarray

        def forward(self, params, x, rng=None):
            return x * wrong_square(params[0], 1.9)

    with pytest.raises(AssertionError, match="finite differences give"):
        check_layer(Wrong(default_rng(0).standard_normal(5)), 5)


def test_a_loss_that_mixes_its_rows_is_caught():
    with pytest.raises(AssertionError, match="row alone"):
        check_loss(lambda z, y: anp.sum((z - anp.mean(z, axis=0)) ** 2, axis=1))


def test_a_wrong_gradient_in_one_coordinate_of_many_is_caught():
    x = default_rng(0).standard_normal((3, 4))
    gradient = 2 * x
    check_gradient(lambda z: np.sum(z**2), x, gradient)
    gradient[1, 2] += 0.01
    with pytest.raises(AssertionError, match="finite differences give"):
        check_gradient(lambda z: np.sum(z**2), x, gradient)


def test_a_model_with_a_masked_gradient_is_caught():
    model = mlp((6, 8, 3), rng=default_rng(0))
    x = default_rng(1).standard_normal((4, 6))

    class Masked:
        features, classes, logits = 6, 3, staticmethod(model.logits)

        def vjp(self, x):
            logits, _ = model.vjp(x)
            return logits, lambda g: np.zeros_like(x)

    check_model(model, x, rng=default_rng(2))
    with pytest.raises(AssertionError, match="finite differences give"):
        check_model(Masked(), x, rng=default_rng(2))


@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_within_reach_of_the_difference_is_no_fault_of_the_gradient(side):
    """A ReLU that turns a tenth of h beside x, in float32 as a model is checked: its slope is that of the other side."""
    v = default_rng(0).standard_normal((1, 3))
    v = (v / np.linalg.norm(v)).astype(np.float32)
    x = side * np.float32(1e-4) * v

    def f(z):
        return np.maximum(z @ v.T, 0).sum() + 0.1 * z.sum()

    slope = v * (side > 0) + np.float32(0.1)
    check_gradient(f, x, slope, h=1e-3, rtol=2e-2)
    with pytest.raises(AssertionError, match="finite differences"):
        check_gradient(f, x, slope + np.float32(0.5) * v, h=1e-3, rtol=2e-2)
