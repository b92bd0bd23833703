import autograd.numpy as anp
import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import (
    DLR,
    SGD,
    CrossEntropy,
    Dense,
    Dropout,
    Margin,
    MeanSquaredError,
    Objective,
    ReLU,
    Sequential,
    SpectralNorm,
    fit,
    fitted,
)

ROWS = 40
RNG = default_rng(0)
X = RNG.standard_normal((ROWS, 9))
Y = RNG.integers(0, 4, ROWS)


class TapedReLU(ReLU):
    """A ReLU that the chain does not know."""


class TapedDense(Dense):
    """A dense layer that the chain does not know."""


def dense(fan_in: int, fan_out: int) -> Dense:
    return Dense(RNG.standard_normal((fan_in, fan_out)) / 3, RNG.standard_normal(fan_out))


def normalised(fan_in: int, fan_out: int, kappa: float) -> SpectralNorm:
    return SpectralNorm(dense(fan_in, fan_out), kappa)


NETWORKS = {
    "dense": (dense(9, 4),),
    "relu": (dense(9, 8), ReLU(), dense(8, 6), ReLU(), dense(6, 4)),
    "inverted dropout": (dense(9, 8), ReLU(), Dropout(0.3), dense(8, 4)),
    "dropout scaled at test time": (dense(9, 8), ReLU(), Dropout(0.3, inverted=False), dense(8, 4)),
    "dropout without relu": (dense(9, 8), Dropout(0.5, inverted=False), dense(8, 4)),
    "both dropouts, one last": (dense(9, 8), ReLU(), Dropout(0.5), dense(8, 4), ReLU(), Dropout(0.2, inverted=False)),
    "spectral norm": (normalised(9, 8, 1.0), ReLU(), normalised(8, 4, 0.5)),
    "everything": (normalised(9, 8, 2.0), ReLU(), Dropout(0.2), dense(8, 7), ReLU(), Dropout(0.4, inverted=False),
                   normalised(7, 4, 3.0)),
}  # fmt: skip


def saturated(z, y):
    return anp.sum(anp.tanh(z) ** 2, axis=1)


NAMES = ["cross-entropy", "margin", "dlr", "squared", "saturated"]
LOSSES = [CrossEntropy(), Margin(), DLR(), MeanSquaredError(), saturated]


def taped(model: Sequential) -> Sequential:
    swapped = []
    for layer in model.layers:
        if type(layer) is ReLU:
            swapped.append(TapedReLU())
        else:
            swapped.append(TapedDense(*layer.params) if type(layer) is Dense else layer)
    return Sequential(tuple(swapped))


@pytest.fixture(params=NETWORKS, scope="module")
def pair(request) -> tuple[Sequential, Sequential]:
    chain = Sequential(NETWORKS[request.param])
    tape = taped(chain)
    assert chain.stages is not None
    assert tape.stages is None
    return chain, tape


def once(objective: Objective, x, y) -> list[np.ndarray]:
    """Logits, losses and input gradient, out of the buffers."""
    objective.at(y)
    return [array.copy() for array in objective(x)]


def weight_gradient(model: Sequential, loss, seed: int) -> list[np.ndarray]:
    """What one step of plain gradient descent at rate 1 takes away from each parameter."""
    step = SGD(learning_rate=1.0, momentum=0.0)
    after = fitted(fit(model, X, Y, rng=default_rng(seed), epochs=1, batch_size=ROWS, loss=loss, optimiser=step))
    return [p - q for old, new in zip(model.params, after.params, strict=True) for p, q in zip(old, new, strict=True)]


def test_logits_are_the_same(pair):
    chain, tape = pair
    np.testing.assert_allclose(chain.logits(X), tape.logits(X), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES[:4], ids=NAMES[:4])
def test_input_gradients_are_the_same_by_vjp_and_by_pass(pair, loss):
    gradients = []
    for model in pair:
        logits, pull = model.vjp(X)
        gradients.append(pull(loss.value_and_grad(logits, Y)[1]))
        z, values, g = once(Objective(model, loss), X, Y)
        np.testing.assert_allclose(z, logits, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(values, loss.value_and_grad(logits, Y)[0], rtol=1e-9, atol=1e-12)
        gradients.append(g)
    assert np.abs(gradients[0]).max() > 1e-3
    for other in gradients[1:]:
        np.testing.assert_allclose(other, gradients[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_weight_gradients_are_the_same_under_the_same_training_noise(pair, loss):
    by_chain, by_tape = (weight_gradient(model, loss, seed=3) for model in pair)
    assert max(np.abs(g).max() for g in by_chain) > 1e-3
    for g, h in zip(by_chain, by_tape, strict=True):
        np.testing.assert_allclose(g, h, rtol=1e-8, atol=1e-12)


def test_whole_trainings_end_at_the_same_weights(pair):
    ends = [fitted(fit(model, X, Y, rng=default_rng(5), epochs=3, batch_size=16)) for model in pair]
    for own, other in zip(ends[0].params, ends[1].params, strict=True):
        for p, q in zip(own, other, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-6, atol=1e-9)


def test_the_tape_takes_over_where_known_layers_stand_in_another_order():
    model = Sequential((Dropout(0.5, inverted=False), dense(9, 8), Dropout(0.5), ReLU(), ReLU(), dense(8, 4)))
    assert model.stages is None
    expected = np.maximum((0.5 * X) @ model.layers[1].W + model.layers[1].b, 0) @ model.layers[5].W + model.layers[5].b
    np.testing.assert_allclose(model.logits(X), expected, rtol=1e-12)


def test_a_pass_serves_batches_of_any_size():
    model = Sequential(NETWORKS["everything"])
    objective = Objective(model, CrossEntropy())
    for n in (ROWS, 7, 1, 30):
        z, _, g = once(objective, X[:n], Y[:n])
        logits, pull = model.vjp(X[:n])
        np.testing.assert_allclose(z, logits, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(g, pull(CrossEntropy().value_and_grad(logits, Y[:n])[1]), rtol=1e-9, atol=1e-12)
