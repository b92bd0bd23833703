"""A network's parameters as one flat vector, and the gradient of its mean loss in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from autograd.core import make_vjp
from numpy.random import Generator

from arena.engine.arrays import Array, Labels
from arena.engine.chain import Stage
from arena.engine.losses import Loss
from arena.engine.network import Params, Sequential
from arena.engine.spectral_norm import SpectralNorm


@dataclass(frozen=True, eq=False)
class Flat:
    """A vector and the views into it that have the parameters' shapes."""

    theta: Array
    views: Params


def flatten(model: Sequential) -> tuple[Sequential, Array, Flat]:
    """A copy of the network whose parameters are views into one vector, that vector, and a gradient like it."""
    theta = np.concatenate([p.ravel() for layer in model.params for p in layer])
    live = model.with_params(_views(theta, model.params))
    gradient = np.zeros_like(theta)
    return live, theta, Flat(gradient, _views(gradient, model.params))


def weight_gradients(
    model: Sequential, x: Array, y: Labels, loss: Loss, rng: Generator | None, out: Flat
) -> tuple[Array, Array]:
    """Logits (n, classes) and losses (n,) of one training pass; the mean loss's gradient goes into `out`.

    Known layers take the hand-derived chain, any other layer the tape; both draw the same training noise.
    """
    if model.stages is not None:
        flat = [view for layer in out.views for view in layer]
        return _by_chain(model.stages, x, y, loss, rng, flat)
    pull, z = make_vjp(lambda params: model.forward(params, x, rng), model.params)
    values, g = loss.value_and_grad(z, y)
    for views, layer in zip(out.views, pull(g / len(x)), strict=True):
        for view, gradient in zip(views, layer, strict=True):
            view[...] = gradient
    return z, values


def _by_chain(
    chain: Sequence[Stage], x: Array, y: Labels, loss: Loss, rng: Generator | None, out: Sequence[Array]
) -> tuple[Array, Array]:
    """Forward keeping every stage's input, then backward; dW and db go into `out` in the order of the parameters."""
    inputs, weights = [x], [stage.weight for stage in chain]
    scales: list[Array | None] = []
    for stage, W in zip(chain, weights, strict=True):
        h = inputs[-1] @ W
        h += stage.bias
        if stage.rectified:
            np.maximum(h, 0, out=h)
        scale = stage.scale(h.shape, h.dtype, rng)
        scales.append(scale)
        inputs.append(h if scale is None else h * scale)
    z = inputs[-1]
    values, g = loss.value_and_grad(z, y)
    g = g / z.dtype.type(len(x))
    for i, (stage, scale) in reversed(list(enumerate(zip(chain, scales, strict=True)))):
        if scale is not None:
            g *= scale
        if stage.rectified:
            g *= inputs[i + 1] > 0
        dW = np.dot(inputs[i].T, g, out[2 * i])
        if isinstance(stage.affine, SpectralNorm):
            dW[...] = stage.affine.pull_weight(stage.affine.dense.W, dW)
        np.add.reduce(g, axis=0, out=out[2 * i + 1])
        if i:
            g = g @ weights[i].T
    return z, values


def _views(vector: Array, like: Params) -> Params:
    start, views = 0, []
    for layer in like:
        own = []
        for p in layer:
            own.append(vector[start : start + p.size].reshape(p.shape))
            start += p.size
        views.append(tuple(own))
    return tuple(views)
