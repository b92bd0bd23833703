from dataclasses import dataclass, field

import numpy as np
import pytest
from autograd.core import make_vjp
from autograd.extend import defvjp, primitive
from numpy.random import default_rng

from arena.engine import (
    DLR,
    SGD,
    Adam,
    CrossEntropy,
    Dense,
    Dropout,
    Layer,
    Loss,
    Margin,
    MeanSquaredError,
    Objective,
    ReLU,
    Sequential,
    SpectralNorm,
    Towards,
    cosine,
    fit,
    fitted,
    mlp,
)

RNG = default_rng(0)
X = RNG.standard_normal((12, 6)).astype(np.float32)
Y = RNG.integers(0, 3, 12)
LOSSES = [CrossEntropy(), Margin(), DLR(), MeanSquaredError(), Towards(CrossEntropy(), 1)]


@primitive
def watch(x, seen):
    return x.copy()


def _note(seen, g):
    seen.append(g.dtype)
    return g


defvjp(watch, lambda ans, x, seen: lambda g: _note(seen, g))


@dataclass(frozen=True, eq=False)
class Spy(Layer):
    seen: list = field(default_factory=list)

    def forward(self, params, x, rng=None):
        return watch(x, self.seen)


def spied() -> tuple[Sequential, list]:
    spy = Spy()
    kinds = [
        Dense.he(6, 8, RNG), ReLU(), Dropout(0.2), SpectralNorm(Dense.he(8, 8, RNG), 0.5), ReLU(),
        Dropout(0.2, inverted=False), Dense.he(8, 3, RNG),
    ]  # fmt: skip
    return Sequential(tuple(layer for kind in kinds for layer in (kind, spy))), spy.seen


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_gradients_on_the_tape_stay_float32_between_all_layers(loss):
    model, seen = spied()
    logits, pull = model.vjp(X)
    gradient = pull(loss.value_and_grad(logits, Y)[1])
    assert logits.dtype == gradient.dtype == np.float32
    assert len(seen) == 7
    assert set(seen) == {np.dtype(np.float32)}


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_loss_on_the_tape_hands_float32_back(loss):
    model, seen = spied()
    pull, values = make_vjp(lambda x: loss(model.forward(model.params, x), Y), X)
    assert values.dtype == pull(np.ones_like(values)).dtype == np.float32
    assert set(seen) == {np.dtype(np.float32)}


def test_weight_gradients_on_the_tape_are_float32_in_every_layer():
    model, _ = spied()
    pull, logits = make_vjp(lambda params: model.forward(params, X, default_rng(1)), model.params)
    gradients = pull(np.ones_like(logits))
    assert {g.dtype for layer in gradients for g in layer} == {np.dtype(np.float32)}


def test_training_through_the_tape_stays_float32_between_all_layers():
    model, seen = spied()
    trained = fitted(fit(model, X, Y, rng=default_rng(0), epochs=2, batch_size=6))
    assert set(seen) == {np.dtype(np.float32)}
    assert {p.dtype for layer in trained.params for p in layer} == {np.dtype(np.float32)}


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_values_and_gradients_of_a_loss_have_the_dtype_of_its_logits(loss):
    for dtype in (np.float32, np.float64):
        values, g = loss.value_and_grad(default_rng(0).standard_normal((12, 4)).astype(dtype), Y)
        assert values.dtype == g.dtype == dtype


@pytest.mark.parametrize("last", [(), (ReLU(),), (Dropout(0.4),), (Dropout(0.4, inverted=False),)], ids=repr)
def test_the_chain_is_float32_throughout(last):
    seen = []

    class Watching(Loss):
        def value_and_grad(self, z, y):
            values, g = CrossEntropy().value_and_grad(z, y)
            seen.extend([z.dtype, g.dtype])
            return values, g

    model = Sequential((Dense.he(6, 8, RNG), ReLU(), Dropout(0.3, inverted=False), Dense.he(8, 3, RNG), *last))
    assert model.stages is not None
    objective = Objective(model, Watching())
    objective.at(Y)
    seen += [array.dtype for array in objective(X)]
    seen += [array.dtype for array in (model.logits(X), model.vjp(X)[1](np.ones((12, 3), np.float32)))]
    for optimiser in (SGD(weight_decay=0.1), Adam(weight_decay=0.1)):
        trained = fitted(fit(model, X, Y, rng=RNG, epochs=2, loss=Watching(), optimiser=optimiser, schedule=cosine))
        seen += [p.dtype for layer in trained.params for p in layer]
    assert set(seen) == {np.dtype(np.float32)}


def test_a_float64_network_computes_in_float64():
    model = mlp((6, 8, 3), rng=RNG)
    model = model.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in model.params))
    logits, pull = model.vjp(X)
    assert logits.dtype == pull(np.ones_like(logits)).dtype == model.logits(X).dtype == np.float64
    trained = fitted(fit(model, X, Y, rng=RNG, epochs=1))
    assert trained.dtype == np.float64
