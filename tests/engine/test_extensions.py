from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import Adam, Dense, Layer, Sequential, check_layer, check_loss, check_model, fit, fitted, mlp


@dataclass(frozen=True, eq=False)
class Tanh(Layer):
    def forward(self, params, x, rng=None):
        return anp.tanh(x)

    def lipschitz(self):
        return 1.0


@dataclass(frozen=True, eq=False)
class Residual(Layer):
    """x + tanh(x A) s, with two parameter arrays of its own."""

    weights = ("A", "s")
    A: np.ndarray
    s: np.ndarray

    def forward(self, params, x, rng=None):
        A, s = params
        return x + anp.tanh(anp.dot(x, A)) * s


def hinge(z, y):
    own = z[np.arange(len(y)), y]
    others = anp.where(np.eye(z.shape[1])[y] > 0, -np.inf, z)
    return anp.maximum(0.0, 1.0 + anp.max(others, axis=1) - own)


def residual() -> Residual:
    rng = default_rng(0)
    return Residual(rng.standard_normal((8, 8)).astype(np.float32) / 3, rng.standard_normal(8).astype(np.float32))


def test_a_users_layers_and_loss_pass_the_shipped_check():
    check_layer(Tanh(), 5)
    check_layer(residual(), 8)
    check_loss(hinge)


def test_a_users_layer_computes_what_it_says_inside_a_network():
    model = Sequential((Dense.he(4, 8, default_rng(1)), residual(), Tanh(), Dense.he(8, 3, default_rng(2))))
    x = default_rng(3).standard_normal((6, 4)).astype(np.float32)
    h = x @ model.layers[0].W
    h = np.tanh(h + np.tanh(h @ residual().A) * residual().s)
    np.testing.assert_allclose(model.logits(x), h @ model.layers[3].W, rtol=1e-5, atol=1e-6)
    assert (model.features, model.classes) == (4, 3)
    check_model(model, x, rng=default_rng(4), h=1e-2)


def test_a_users_activation_stands_between_the_layers_of_mlp():
    model = mlp((4, 8, 6, 3), rng=default_rng(0), activation=Tanh(), dropout=0.2)
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Tanh", "Dropout"] * 2 + ["Dense"]
    assert model.stages is None
    assert model.lipschitz() == pytest.approx(np.prod([model.layers[i].lipschitz() for i in (0, 3, 6)]))


@pytest.mark.parametrize("loss", [None, hinge], ids=["cross-entropy", "hinge"])
@pytest.mark.parametrize("activation", [None, Tanh()], ids=["relu", "tanh"])
def test_fit_trains_with_a_users_layer_and_loss(digits, loss, activation):
    train, test = digits
    model = mlp((64, 32, 10), rng=default_rng(0), activation=activation)
    trained = fitted(
        fit(model, train.x, train.y, rng=default_rng(1), epochs=8, loss=loss, optimiser=Adam(learning_rate=5e-3))
    )
    assert (trained.logits(test.x).argmax(axis=1) == test.y).mean() > 0.9


def test_all_parameters_of_a_users_layer_are_trained():
    model = Sequential((Dense.he(4, 8, default_rng(1)), residual(), Dense.he(8, 3, default_rng(2))))
    x, y = default_rng(3).standard_normal((30, 4)).astype(np.float32), default_rng(4).integers(0, 3, 30)
    trained = fitted(fit(model, x, y, rng=default_rng(5), epochs=1))
    assert [np.array_equal(p, q) for p, q in zip(trained.layers[1].params, residual().params, strict=True)] == [
        False,
        False,
    ]


def test_a_users_layer_may_use_the_training_noise():
    @dataclass(frozen=True, eq=False)
    class Noisy(Layer):
        scale: float

        def forward(self, params, x, rng=None):
            return x if rng is None else x + self.scale * rng.standard_normal(x.shape).astype(np.float32)

    check_layer(Noisy(0.3), 4)
    x, y = default_rng(3).standard_normal((30, 4)).astype(np.float32), default_rng(4).integers(0, 3, 30)
    start = mlp((4, 3), rng=default_rng(0)).layers
    ends = [
        fitted(fit(Sequential((Noisy(scale), *start)), x, y, rng=default_rng(5), epochs=5)) for scale in (0.0, 0.0, 0.3)
    ]
    first, again, other = (model.layers[1].W.tobytes() for model in ends)
    assert first == again != other
    np.testing.assert_array_equal(ends[2].logits(x), ends[2].logits(x))
