"""A network as a proof reads it: affine maps and ReLUs in float64, with a digest, and a bound on what rounding may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, cast

import numpy as np

from arena.engine.arrays import Array
from arena.engine.chain import inference_weights
from arena.engine.model import Model
from arena.engine.network import Sequential
from arena.errors import InvalidValue
from arena.streams import digest

Precision: TypeAlias = Literal["float64", "float32"]
ROUNDOFF: dict[str, float] = {"float64": 2.0**-53, "float32": 2.0**-24}
_UNDERFLOW = 2.0**-102  # float32's roundoff times this is its least normal number


def gamma(k: int, u: float = 2.0**-53) -> float:
    """The bound k u / (1 - k u): what k roundings do to a sum of products at the most, relative to its absolute values."""
    return k * u / (1 - k * u)


@dataclass(frozen=True, eq=False)
class ReLUNet:
    """z_i = h_{i-1} W_i + b_i with W (in, out) and h_i = max(z_i, 0), in float64; the last z are the logits.

    Affine layers with nothing between them are merged: `absolute` holds the products of their absolute values, which the
    merged weights may be far below, and `run` the absolute values of every layer as it is run.
    """

    W: tuple[Array, ...]
    b: tuple[Array, ...]
    absolute: tuple[tuple[Array, Array], ...] = ()
    run: tuple[tuple[Array, Array], ...] = ()

    def __post_init__(self) -> None:
        if not self.absolute:
            absolute = tuple((np.abs(W), np.abs(b)) for W, b in zip(self.W, self.b, strict=True))
            object.__setattr__(self, "absolute", absolute)
            object.__setattr__(self, "run", absolute)

    @classmethod
    def of(cls, model: Model) -> ReLUNet:
        """The network at inference, layers folded; InvalidValue where it is no chain of dense, ReLU and dropout layers."""
        if type(model) is not Sequential or model.stages is None:  # a subclass may read its rows in another way
            raise InvalidValue(
                f"only a Sequential of Dense, SpectralNorm, ReLU and Dropout can be certified; got {type(model).__name__}"
            )
        pairs: list[tuple[Array, Array]] = [
            (W.astype(np.float64), b.astype(np.float64)) for W, b in inference_weights(model.stages)
        ]
        last = model.stages[-1]
        factor = last.dropout.inference_factor if last.dropout else 1.0
        if last.rectified:
            raise InvalidValue("the last layer is a ReLU: logits must be affine to be certified; leave it out")
        run = tuple((np.abs(W), np.abs(b)) for W, b in pairs)
        pairs[-1] = (pairs[-1][0] * factor, pairs[-1][1] * factor)
        rectified = [stage.rectified for stage in model.stages]
        merged, absolute = (_merged(some, rectified) for some in (pairs, [(np.abs(W), np.abs(b)) for W, b in pairs]))
        W, b = zip(*merged, strict=True)
        return cls(W, b, tuple(absolute), run)

    def __len__(self) -> int:
        return len(self.W)

    @property
    def classes(self) -> int:
        """The number of logits."""
        return len(self.b[-1])

    @cached_property
    def digest(self) -> str:
        """A SHA-256 over every weight and bias."""
        return digest(*(part for a in (*self.W, *self.b) for part in (a.shape, np.ascontiguousarray(a).tobytes())))

    def logits(self, x: Array) -> Array:
        """Logits (n, classes) in float64."""
        h = x.astype(np.float64)
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            h = np.maximum(h @ W + b, 0)
        return h @ self.W[-1] + self.b[-1]

    def magnitudes(self, largest: Array) -> list[Array]:
        """For each layer, (n, out), the sum of the absolute values that meet in z, for inputs |x| <= `largest` (n, in).

        Enough is added that a roundoff's share of it covers products that underflow, even where those become zero.
        """
        found: list[Array] = []
        for W, b in self.absolute:
            largest = largest @ W + b + len(W) * _UNDERFLOW
            found.append(largest)
        return found

    def slack(self, precision: Precision = "float64") -> float:
        """What rounding does at the most to a bound on z, and to z as run in `precision`, relative to `magnitudes`.

        Running the network costs gamma of all its operations, relative to the pass of absolute values (Higham, 2002, chapter
        3: the layers' own add up). A bound is a sum of such terms, two a layer, each rounded forward, backward and in merging.
        """
        operations, layers = sum(len(W) + 8 for W, _ in self.run), len(self.run)
        return gamma(operations) * 4 * (layers + 1) + gamma(operations, ROUNDOFF[precision])

    def rounding(self, size: Array, largest: Array, precision: Precision) -> Array:
        """What to take off margins whose `magnitudes` sum to `size` (n, m), for inputs |x| <= `largest` (n, in).

        Infinite where `precision` may overflow in any layer as it is run, for then what follows may be NaN, however small the
        weights; 0 where the size is.
        """
        most, held = np.finfo(precision).max / 2, np.ones(len(largest), bool)
        with np.errstate(over="ignore", invalid="ignore"):
            for W, b in self.run:
                largest = largest @ W + b
                held &= (largest < most).all(axis=1)
        return np.where(held[:, None] & (size < most) | (size == 0), self.slack(precision) * size, np.inf)


def precision_of(model: Model) -> Precision:
    """The arithmetic that a network is run in; InvalidValue where no proof knows it."""
    name = str(getattr(model, "dtype", "unknown"))
    if name not in ROUNDOFF:
        raise InvalidValue(f"a network is certified as run in {' or '.join(ROUNDOFF)}; its weights are {name}")
    return cast(Precision, name)


def _merged(pairs: Sequence[tuple[Array, Array]], rectified: Sequence[bool]) -> list[tuple[Array, Array]]:
    """Affine maps with nothing between them, as one."""
    found = [pairs[0]]
    for (V, c), between in zip(pairs[1:], rectified[:-1], strict=True):
        W, b = found[-1]
        found[-1:] = [(W, b), (V, c)] if between else [(W @ V, b @ V + c)]
    return found
