"""How far an attacker may move a point: a ball in one of three norms, met with the data's box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from arena import projections
from arena.checks import one_of, positive
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.streams import RowStreams

Norm: TypeAlias = Literal["linf", "l2", "l1"]
Sizes: TypeAlias = Callable[[Array, Array, Array], Array]

TOLERANCE = 1e-6  # of the radius, plus one float32 rounding of a pixel: what the referee forgives, to everybody alike
PIXEL_ROUNDING = 2.0**-24
_EPS = np.finfo(np.float32).eps
_WIDTH, _HALF_WIDTH = np.array(2, np.float32), np.array(1, np.float32)  # of [-1, 1]
_NOTICED, _SHARES = np.float32(1e-4), tuple(map(np.float32, (1 / 8, 1 / 32, 0)))


@dataclass(frozen=True)
class Ball:
    """All points within `radius` of a clean point in `norm` that stay in the data's box; pixel scale [0, 1].

    Raises InvalidValue for a radius that is not above zero, an unknown norm or an empty box.
    """

    radius: float
    norm: Norm = "linf"
    box: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        positive("radius", self.radius)
        one_of("norm", self.norm, get_args(Norm))
        box = self.box if isinstance(self.box, Sequence) else ()
        if len(box) != 2 or not all(isinstance(wall, Real) for wall in box) or not box[0] < box[1]:
            raise InvalidValue(f"box must be (low, high), two numbers with low < high; got {self.box!r}")
        object.__setattr__(self, "box", tuple(box))

    def size(self, d: Array) -> Array:
        """The norm of each row of perturbations d (n, k), in float64: (n,)."""
        a = np.abs(d.astype(np.float64))
        if self.norm == "linf":
            return a.max(axis=1)
        return a.sum(axis=1) if self.norm == "l1" else np.sqrt(np.einsum("ij,ij->i", a, a))

    def violation(self, x: Array, center: Array) -> Array:
        """How far each row of x (n, d) lies outside ball ∩ box around center (n, d): (n,) float64, 0 inside, inf for NaN."""
        x, center = np.asarray(x, np.float64), np.asarray(center, np.float64)
        beyond_ball = self.size(x - center) - self.radius
        beyond_box = np.maximum(self.box[0] - x, x - self.box[1]).max(axis=1)
        excess = np.maximum(np.maximum(beyond_ball, beyond_box), 0)
        return np.where(np.isnan(excess), np.inf, excess)

    @property
    def tolerance(self) -> float:
        """The violation that the referee forgives."""
        return TOLERANCE * self.radius + PIXEL_ROUNDING

    def project(self, x: Array, center: Array) -> Array:
        """The nearest point of ball ∩ box to each row of x (n, d), exactly: not clipped after a projection.

        Centres lie in the box. The answer has the dtype that x and center share and, float32 or not, lies
        inside when measured in float64.
        """
        x, center = _floating(x), _floating(center)
        if self.norm == "linf":
            low, high = self.bounds(center)
            return np.minimum(np.maximum(x, low), high)
        shrink = projections.shrink_l1 if self.norm == "l1" else projections.shrink_l2
        d = x - center
        return self._placed(center, d, shrink)

    def farthest(self, g: Array, center: Array) -> Array:
        """The point of ball ∩ box where <g, x> is largest, for each row of g (n, d): steepest ascent to the border."""
        d = g.astype(center.dtype, copy=False)
        if self.norm == "linf":
            low, high = self.bounds(center)
            return np.where(d > 0, high, np.where(d < 0, low, center))
        fill = projections.fill_l1 if self.norm == "l1" else projections.fill_l2
        return self._placed(center, d, fill)

    def direction(self, g: Array) -> Array:
        """The unit step of steepest ascent for each row of g (n, d): sign(g), g / |g|_2, or the largest coordinate.

        Only an exactly zero gradient gives a zero step, however small the others are.
        """
        if self.norm == "linf":
            return np.sign(g)
        largest = np.abs(g).max(axis=1, keepdims=True)
        scaled = g / np.where(largest > 0, largest, 1)
        if self.norm == "l2":
            length = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
            return scaled / np.where(length > 0, length, 1)
        rows, best = np.arange(len(g)), np.abs(g).argmax(axis=1)
        step = np.zeros_like(g)
        step[rows, best] = np.sign(g[rows, best])
        return step

    def bounds(self, center: Array) -> tuple[Array, Array]:
        """The L∞ ball ∩ box as two arrays (n, d), rounded towards the centre so that both lie inside in float64."""
        radius, (bottom, top) = self._safe_radius(center), _walls(self.box, center.dtype)
        low, high = center - radius, center + radius
        return np.maximum(low, bottom, out=low), np.minimum(high, top, out=high)

    def uniform(self, center: Array, rng: np.random.Generator) -> Array:
        """A point drawn uniformly from the ball around each row of center (n, d), then put into the box exactly.

        What a row draws depends on the stream and the row's content, not on its neighbours: equal rows draw the same.
        """
        return self.project(self.scattered(center, rng), center)

    def scattered(self, center: Array, rng: np.random.Generator) -> Array:
        """What `uniform` draws before the box: in the ball but for roundings."""
        k, streams, every = center.shape[1], RowStreams(center, rng), slice(None)
        noise = streams.uniform(every, 0, k)
        noise *= _WIDTH
        noise -= _HALF_WIDTH
        if self.norm == "l2":
            noise = streams.normal(every, 1, k)
            length = np.maximum(np.linalg.norm(noise, axis=1, keepdims=True), np.finfo(np.float32).tiny)
            noise *= streams.uniform(every, 2, 1) ** (1 / k) / length
        elif self.norm == "l1":
            sizes = -np.log1p(-streams.uniform(every, 1, k + 1))
            noise = np.copysign(sizes[:, :k], noise) / sizes.sum(axis=1, keepdims=True)
        noise = noise.astype(center.dtype, copy=False)
        noise *= center.dtype.type(self.radius)
        noise += center
        return noise

    def _room(self, center: Array, d: Array) -> Array:
        return np.where(d >= 0, center.dtype.type(self.box[1]) - center, center - center.dtype.type(self.box[0]))

    def _safe_radius(self, center: Array) -> Array:
        """The radius, one or (n, 1), less what adding a float32 perturbation to float32 pixels may round away."""
        if center.dtype != np.float32:
            return np.asarray(self.radius, center.dtype)
        farthest, k = max(map(abs, self.box)), center.shape[1]
        if farthest <= 1:
            return _safe_everywhere(self.radius, self.norm, k, farthest)
        largest = np.abs(center).max(axis=1, keepdims=True) + np.float32(
            self.radius
        )  # a wide box says little of pixels
        return _safe(self.radius, self.norm, k, np.minimum(largest, np.float32(farthest)))

    def _placed(self, center: Array, d: Array, sizes: Sizes) -> Array:
        """The centres moved along d, with as little radius set aside for rounding as keeps each row inside in float64."""
        a, room, safe = np.abs(d), self._room(center, d), self._safe_radius(center)
        low, high = map(center.dtype.type, self.box)

        def moved(radius: Array) -> Array:
            return np.clip(center + np.copysign(sizes(a, room, radius), d), low, high)

        x, whole = moved(safe), center.dtype.type(self.radius)
        if (
            whole - safe
        ).max() > _NOTICED * whole:  # large pixels in a small ball: the worst case is far from the usual one
            for share in _SHARES:
                closer = moved(whole - share * (whole - safe))
                holds = self.size(np.subtract(closer, center, dtype=np.float64)) <= self.radius
                x = np.where(holds[:, None], closer, x)
        return x


def _safe(radius: float, norm: Norm, k: int, largest: Array) -> Array:
    """The radius less the roundings that k pixels of at most this size may cost."""
    whole, roundings = np.float32(radius), np.float32({"linf": 1, "l2": math.sqrt(k), "l1": k}[norm] / 2)
    return np.asarray(np.maximum(whole - _EPS * (roundings * largest + 4 * whole), np.float32(0)))


@lru_cache(maxsize=64)
def _walls(box: tuple[float, float], dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """The box's two walls, arrays of no dimension: NumPy is slow to convert a scalar."""
    bottom, top = (np.array(wall, dtype) for wall in box)
    bottom.flags.writeable = top.flags.writeable = False
    return bottom, top


@lru_cache(maxsize=64)
def _safe_everywhere(radius: float, norm: Norm, k: int, farthest: float) -> Array:
    safe = _safe(radius, norm, k, np.asarray(farthest, np.float32))
    safe.flags.writeable = False
    return safe


def _floating(x: Array) -> Array:
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)
