"""certify: a certificate for every row by the method named."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from arena.certify.certificate import Certificate
from arena.certify.crown import crown_bounds, crown_margins
from arena.certify.intervals import interval_bounds, interval_margins, margin_sizes
from arena.certify.lipschitz import lipschitz_margins
from arena.certify.network import Precision, ReLUNet
from arena.certify.region import Region
from arena.checks import one_of
from arena.engine.arrays import Array, Labels, labels, rows
from arena.engine.model import Model
from arena.engine.threads import over_chunks
from arena.errors import InvalidValue
from arena.threat import Ball

Method: TypeAlias = Literal["crown", "intervals", "lipschitz"]
_ENTRIES = 3_000_000  # numbers that a chunk's widest backward pass may hold


def certify(
    model: Model, x: Array, y: Labels, ball: Ball, *, method: Method = "crown", precision: Precision = "float64"
) -> Certificate:
    """Prove what can be proven of rows x (n, d) with labels y (n,): that the whole ball around a row is read as its label.

    `precision` is the arithmetic in which the network will be run; float32 takes more off. InvalidValue on a network that is
    no chain of dense and ReLU layers, on wrong rows, or on an unknown method.
    """
    one_of("method", method, get_args(Method))
    net = ReLUNet.of(model)
    x, y = _checked(net, x, y)
    lower = np.full(len(x), -np.inf)

    def work(part: slice) -> None:
        lower[part] = margins(net, Region.of(x[part], ball), y[part], method, precision).min(axis=1)

    widest = max(W.shape[1] for W in net.W) * max(max(W.shape) for W in net.W)
    chunk = int(np.clip(_ENTRIES // widest, 1, 500)) if method == "crown" else 500
    over_chunks(len(x), work, chunk=chunk)
    return Certificate(method, ball, lower, precision, net.digest)


def margins(net: ReLUNet, region: Region, y: Labels, method: Method, precision: Precision = "float64") -> Array:
    """Proven lower bounds (n, classes) on z_y - z_k over the region; +inf at k = y."""
    if method == "lipschitz":
        return lipschitz_margins(net, region, y, precision)
    slack = net.slack(precision)
    off = slack * margin_sizes(net, region, y)
    if method == "intervals":
        return interval_margins(net, region, y, interval_bounds(net, region, slack)) - off
    bounds = crown_bounds(net, region, slack)
    return np.fmax(crown_margins(net, region, y, bounds), interval_margins(net, region, y, bounds)) - off


def _checked(net: ReLUNet, x: Array, y: Labels) -> tuple[Array, Labels]:
    try:
        x = rows(x, net.W[0].shape[0])
        return x, labels(y, len(x), net.classes)
    except ValueError as error:
        raise InvalidValue(str(error)) from error
