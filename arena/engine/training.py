"""fit: the only loop that changes weights."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array, Labels, labels, rows
from arena.engine.losses import CrossEntropy, Loss
from arena.engine.network import Sequential
from arena.engine.optimisers import Adam, Optimiser, Schedule, constant
from arena.engine.parameters import flatten, weight_gradients
from arena.engine.taped import as_loss

BatchChange: TypeAlias = Callable[[Sequential, Array, Labels, Generator], Array]


@dataclass(frozen=True, eq=False)
class Progress:
    """Where a training stands after an epoch: mean loss and accuracy on its own batches, and the model to keep.

    With a validation set the model is the best so far by validation loss, else the current one.
    """

    epoch: int
    loss: float
    accuracy: float
    model: Sequential
    validation_loss: float | None = None


def fit(
    model: Sequential,
    x: Array,
    y: Labels,
    *,
    rng: Generator,
    epochs: int = 30,
    batch_size: int = 64,
    loss: Loss | Callable[[Array, Labels], Array] | None = None,
    optimiser: Optimiser | None = None,
    schedule: Schedule = constant,
    change: BatchChange | None = None,
    after: Callable[[Sequential], None] | None = None,
    validation: tuple[Array, Labels] | None = None,
    patience: int | None = None,
) -> Iterator[Progress]:
    """Minimise the mean loss over shuffled batches, yielding after every epoch; the model given is left as it was.

    x (n, features), y (n,) labels, or (n, outputs) targets for a regression loss. `change(model, x, y, rng)` may
    replace each batch's rows before its step: noise, or an attack on the model of the moment. `after(model)` may
    change the weights in place after every step. With `validation`
    and `patience`, training stops after that many epochs without a lower validation loss.
    Raises ValueError on wrong shapes, NaN, labels out of range, or a loss that is no longer finite.
    """
    x, y = _checked(model, x, y)
    validation = None if validation is None else _checked(model, *validation)
    objective = as_loss(loss or CrossEntropy())
    live, theta, gradient = flatten(model)
    step = (optimiser or Adam()).start(theta)
    best, waited, taken = np.inf, 0, 0
    batches = -(-len(x) // batch_size)
    keep = live
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        total, right = 0.0, 0
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            bx, by = x[chosen], y[chosen]
            if change is not None:
                bx = rows(change(live, bx, by, rng), model.features).astype(model.dtype, copy=False)
            z, values = weight_gradients(live, bx, by, objective, rng, gradient)
            step(gradient.theta, schedule(taken / (epochs * batches)))
            if after is not None:
                after(live)
            live, taken = _after_step(live), taken + 1
            total += float(values.sum())
            right += int((z.argmax(axis=1) == by).sum()) if by.ndim == 1 else 0
        if not np.isfinite(total):
            raise ValueError(f"the loss is {total} in epoch {epoch}: lower the learning rate or check the data")
        held_out = None if validation is None else _mean_loss(live, objective, *validation)
        improved = held_out is None or held_out < best
        keep = _snapshot(live) if improved else keep
        best, waited = (best if held_out is None else min(best, held_out)), 0 if improved else waited + 1
        yield Progress(epoch, total / len(x), right / len(x), keep, held_out)
        if patience is not None and waited >= patience:
            return


def fitted(progress: Iterator[Progress]) -> Sequential:
    """The model at the end of a training; ValueError if it had no epoch."""
    last = deque(progress, maxlen=1)
    if not last:
        raise ValueError("a training needs at least one epoch")
    return last[0].model


def _checked(model: Sequential, x: Array, y: Labels) -> tuple[Array, Labels]:
    x = rows(x, model.features).astype(model.dtype, copy=False)
    if len(x) == 0:
        raise ValueError("training needs at least one row; got none")
    y = np.asarray(y)
    if y.ndim == 1:
        return x, labels(y, len(x), model.classes)
    targets = rows(y, model.classes, name="targets").astype(model.dtype, copy=False)
    if len(targets) != len(x):
        raise ValueError(f"targets must have a row for each of the {len(x)} rows of x; got {len(targets)}")
    return x, targets


def _after_step(model: Sequential) -> Sequential:
    layers = tuple(layer.after_step() for layer in model.layers)
    same = all(new is old for new, old in zip(layers, model.layers, strict=True))
    return model if same else Sequential(layers)


def _snapshot(model: Sequential) -> Sequential:
    """A copy of the network that nothing will change any more: settled, its arrays read-only."""
    copied = model.with_params(tuple(tuple(p.copy() for p in layer) for layer in model.params))
    for array in (p for layer in copied.params for p in layer):
        array.flags.writeable = False
    return Sequential(tuple(layer.settled() for layer in copied.layers))


def _mean_loss(model: Sequential, loss: Loss, x: Array, y: Labels) -> float:
    return float(loss(model.logits(x), y).mean())
