"""Attacks on the weights of a trained network: noise, gradient ascent, and the few bits that matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from arena.batch import Batch
from arena.checks import whole
from arena.engine import CrossEntropy, Sequential
from arena.engine.arrays import Array
from arena.engine.parameters import flatten, weight_gradients
from arena.errors import InvalidValue
from arena.moves import Tampered
from arena.tampering import TamperView

_ROUNDING = 2.0**-22  # of an array's norm: more than float32 may round away when it is put back
ROWS = 1000


@dataclass(frozen=True, kw_only=True)
class WeightNoise:
    """The control: a random direction of the size allowed, or random bits."""

    def move(self, view: TamperView, rng: Generator) -> Tampered:
        """Every array moved by noise of its radius; or as many bits as allowed, wherever they fall."""
        model, theta, _ = flatten(view.model)
        if view.allowance.bits is not None:
            words = theta.view(np.uint32)
            for _ in range(view.allowance.bits):
                _flip_finite(words, int(rng.integers(words.size)), rng)
            return Tampered(model.params)
        before = _copies(model)
        for p in _arrays(model):
            p[...] += rng.standard_normal(p.shape, dtype=np.float32)
        _project(model, before, view.allowance.radius or 0)
        return Tampered(model.params)


@dataclass(frozen=True, kw_only=True)
class WeightAscent:
    """Projected gradient ascent of the training loss in the weights, every array in its own ball."""

    steps: int = 30

    def __post_init__(self) -> None:
        whole("steps", self.steps)

    def move(self, view: TamperView, rng: Generator) -> Tampered:
        """The weights uphill."""
        if view.allowance.radius is None:
            raise InvalidValue(
                "WeightAscent moves weights within a radius, and this scenario allows bits: bit-flips does those"
            )
        model, _, out = flatten(view.model)
        before, rows = _copies(model), view.field[rng.permutation(len(view.field))[:ROWS]]
        for k in range(self.steps):
            weight_gradients(model, rows.x, rows.y, CrossEntropy(), None, out)
            size = 2 * view.allowance.radius * (1 - k / self.steps)
            for p, old, g in zip(_arrays(model), before, (g for layer in out.views for g in layer), strict=True):
                length = np.linalg.norm(g)
                if length > 0:
                    p[...] += np.float32(size * np.linalg.norm(old) / length) * g
            _project(model, before, view.allowance.radius)
        return Tampered(model.params)


@dataclass(frozen=True, kw_only=True)
class BitFlips:
    """Progressive bit search: flip the bit that does most harm, as often as allowed (Rakin et al., 2019, arXiv:1903.12269).

    Bits are ranked by gradient times change of weight, and the `candidates` best are tried out. In float32 the first bit of one
    exponent is often enough (Hong et al., 2019, arXiv:1906.01017).
    """

    candidates: int = 16

    def __post_init__(self) -> None:
        whole("candidates", self.candidates)

    def move(self, view: TamperView, rng: Generator) -> Tampered:
        """The weights with the worst bits flipped."""
        if view.allowance.bits is None:
            raise InvalidValue("BitFlips flips bits, and this scenario allows a radius: weight-ascent does that")
        model, theta, out = flatten(view.model)
        words, rows = theta.view(np.uint32), view.field[rng.permutation(len(view.field))[:ROWS]]
        with np.errstate(all="ignore"):  # networks that overflow are what it looks for
            for _ in range(view.allowance.bits):
                weight_gradients(model, rows.x, rows.y, CrossEntropy(), None, out)
                flips = _promising(theta, out.theta, self.candidates)
                if flips:
                    place, mask = max(flips, key=lambda flip: _harm(model, words, rows, *flip))
                    words[place] ^= mask
        return Tampered(model.params)


def _harm(
    model: Sequential, words: NDArray[np.uint32], rows: Batch, place: int, mask: np.uint32
) -> tuple[float, float]:
    """The share of the rows misread after the flip, as the referee counts them, and the mean loss of the rest."""
    words[place] ^= mask
    z = model.logits(rows.x)
    words[place] ^= mask
    right = np.isfinite(z).all(axis=1) & (z.argmax(axis=1) == rows.y)
    loss = CrossEntropy().values(z[right], rows.y[right])
    return float((~right).mean()), float(loss.mean()) if len(loss) else 0.0


def _promising(theta: Array, gradient: Array, count: int) -> list[tuple[int, np.uint32]]:
    """The (place, mask) of the flips to a finite weight with the largest first-order rise of the loss."""
    best: list[tuple[float, int, int]] = []
    for bit in range(32):
        flipped = (theta.view(np.uint32) ^ np.uint32(1 << bit)).view(np.float32).astype(np.float64)
        rise = np.nan_to_num(gradient * (flipped - theta), nan=0.0, posinf=0.0, neginf=0.0)
        rise[~np.isfinite(flipped)] = 0
        best += [(float(rise[k]), int(k), bit) for k in np.argsort(-rise)[:count]]
    return [(place, np.uint32(1 << bit)) for rise, place, bit in sorted(best, reverse=True)[:count] if rise > 0]


def _flip_finite(words: NDArray[np.uint32], place: int, rng: Generator) -> None:
    """Flip a random bit of a weight that leaves it finite."""
    masks = np.uint32(1) << rng.permutation(32).astype(np.uint32)
    values = (words[place] ^ masks).view(np.float32)
    words[place] ^= masks[np.isfinite(values)][0]


def _arrays(model: Sequential) -> list[Array]:
    return [p for layer in model.params for p in layer]


def _copies(model: Sequential) -> list[Array]:
    return [p.copy() for p in _arrays(model)]


def _project(model: Sequential, before: list[Array], radius: float) -> None:
    """Put every array back into its ball around what it was."""
    for p, old in zip(_arrays(model), before, strict=True):
        away = p.astype(np.float64) - old
        length = float(np.linalg.norm(away))
        most = max(radius - _ROUNDING, 0) * float(np.linalg.norm(old.astype(np.float64)))
        if length > most:
            p[...] = old + away * (most / length)
