"""certify: a certificate for every row by the method named."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from arena.certify.alpha import alpha_margins
from arena.certify.certificate import Certificate
from arena.certify.crown import crown_bounds, crown_margins
from arena.certify.intervals import interval_bounds, interval_margins, margin_sizes
from arena.certify.lipschitz import lipschitz_margins
from arena.certify.network import Precision, ReLUNet, precision_of
from arena.certify.region import Region
from arena.checks import one_of
from arena.engine.arrays import Array, Labels, labels, rows
from arena.engine.model import Model
from arena.engine.threads import over_chunks
from arena.errors import InvalidValue
from arena.threat import Ball

Method: TypeAlias = Literal["alpha-crown", "crown", "intervals", "lipschitz"]
METHODS: tuple[Method, ...] = get_args(Method)
_ENTRIES = 3_000_000  # numbers that a chunk's widest backward pass may hold


def certify(
    model: Model, x: Array, y: Labels, ball: Ball, *, method: Method = "crown", precision: Precision | None = None
) -> Certificate:
    """Prove what can be proven of rows x (n, d) with labels y (n,): that the whole ball around a row is read as its label.

    `precision` is the arithmetic in which the network will be run, its own unless said otherwise. InvalidValue on a network
    that is no chain of dense and ReLU layers, on no rows, on rows it cannot read or outside the box, or on an unknown method.
    """
    one_of("method", method, METHODS)
    net, arithmetic = ReLUNet.of(model), precision or precision_of(model)
    x, y = checked(net, x, y, ball)
    if not len(x):
        raise InvalidValue("a certificate is about at least one row; got none")
    lower = np.full(len(x), -np.inf)

    def work(part: slice) -> None:
        lower[part] = margins(net, Region.of(x[part], ball), y[part], method, arithmetic).min(axis=1)

    over_chunks(len(x), work, chunk=_rows_at_once(net) if "crown" in method else 500)
    return Certificate(method, ball, lower, arithmetic, net.digest)


def margins(net: ReLUNet, region: Region, y: Labels, method: Method, precision: Precision = "float64") -> Array:
    """Proven lower bounds (n, classes) on z_y - z_k over the region; +inf at k = y."""
    if method == "lipschitz":
        return lipschitz_margins(net, region, y, precision)
    off = net.rounding(margin_sizes(net, region, y), region.largest, precision)
    if method == "intervals":
        return interval_margins(net, region, y, interval_bounds(net, region, net.slack())) - off
    bounds = crown_bounds(net, region, net.slack())
    lower = np.fmax(crown_margins(net, region, y, bounds), interval_margins(net, region, y, bounds))
    rest = np.flatnonzero(~(lower > off).all(axis=1))
    if method == "alpha-crown" and rest.size:
        lower[rest] = np.fmax(lower[rest], alpha_margins(net, region.at(rest), y[rest], off[rest]))
    return lower - off


def _rows_at_once(net: ReLUNet) -> int:
    widest = max(W.shape[1] for W in net.W) * max(max(W.shape) for W in net.W)
    return int(np.clip(_ENTRIES // widest, 1, 500))


def checked(net: ReLUNet, x: Array, y: Labels, ball: Ball) -> tuple[Array, Labels]:
    """Rows and labels that a proof can be about; InvalidValue where the network cannot read them or they leave the box."""
    try:
        x = rows(x, net.W[0].shape[0])
        y = labels(y, len(x), net.classes)
    except ValueError as error:
        raise InvalidValue(str(error)) from error
    low, high = ball.box
    if len(x) and (x.min() < low or x.max() > high):
        raise InvalidValue(f"x must lie in the ball's box [{low:g}, {high:g}]; got {x.min():g} to {x.max():g}")
    return x, y
