"""Training where a batch's gradient is more than a loss of its logits: the loop, and objectives written for the tape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import autograd.numpy as anp
import numpy as np
from autograd.core import make_vjp
from numpy.random import Generator

from agents.defenders.recipe import Recipe, seen
from arena.engine import Adam, Sequential, cosine, mlp
from arena.engine.arrays import Array, Labels
from arena.engine.parameters import Flat, flatten
from arena.errors import InvalidValue
from arena.views import DefenderView

Gradient: TypeAlias = Callable[[Sequential, Array, Labels, Generator, float, Flat], None]


def descended(recipe: Recipe, view: DefenderView, rng: Generator, gradient: Gradient, replays: int = 1) -> Sequential:
    """A network trained by Adam on what `gradient(model, x, y, rng, progress, out)` writes into `out`; progress in [0, 1).

    With `replays` every batch is used so many times in a row. InvalidValue where the weights are no longer finite.
    """
    rows = seen(view)
    model, theta, flat = flatten(mlp((rows.x.shape[1], *recipe.hidden, view.classes), rng=rng))
    step = Adam(learning_rate=recipe.learning_rate, weight_decay=recipe.weight_decay).start(theta)
    starts = range(0, len(rows), recipe.batch_size)
    taken, total = 0, recipe.epochs * len(starts) * replays
    for _ in range(recipe.epochs):
        order = rng.permutation(len(rows))
        for start in starts:
            chosen = order[start : start + recipe.batch_size]
            for _ in range(replays):
                gradient(model, rows.x[chosen], rows.y[chosen], rng, taken / total, flat)
                step(flat.theta, cosine(taken / total))
                taken += 1
        if not np.isfinite(theta).all():
            raise InvalidValue("the weights are no longer finite: lower the learning rate")
    return model.with_params(tuple(tuple(p.copy() for p in layer) for layer in model.params))


def taped(objective: Callable[[list[Any]], Any], model: Sequential, out: Flat) -> None:
    """The gradient of objective([W1, b1, W2, …]), written with autograd.numpy, into `out`."""
    flat = [p for layer in model.params for p in layer]
    pull, _ = make_vjp(lambda params: objective(list(params)), tuple(flat))
    views = [view for layer in out.views for view in layer]
    for own, g in zip(views, pull(np.float32(1)), strict=True):
        own[...] = g


def cross_entropy(z: Any, y: Labels) -> Any:
    """The mean cross-entropy of logits z (n, classes) at labels y (n,), for the tape."""
    shifted = z - anp.max(z, axis=1, keepdims=True)
    return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - shifted[anp.arange(len(y)), y])
