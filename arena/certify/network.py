"""A network as a proof reads it: affine maps and ReLUs in float64, with a digest, and a bound on what rounding may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from arena.engine.arrays import Array
from arena.engine.chain import inference_weights
from arena.engine.model import Model
from arena.engine.network import Sequential
from arena.errors import InvalidValue
from arena.streams import digest

Precision: TypeAlias = Literal["float64", "float32"]
ROUNDOFF: dict[str, float] = {"float64": 2.0**-53, "float32": 2.0**-24}


def gamma(k: int, u: float = 2.0**-53) -> float:
    """The bound k u / (1 - k u): what k roundings do to a sum of products at the most, relative to its absolute values."""
    return k * u / (1 - k * u)


@dataclass(frozen=True, eq=False)
class ReLUNet:
    """z_i = h_{i-1} W_i + b_i with W (in, out) and h_i = max(z_i, 0), in float64; the last z are the logits."""

    W: tuple[Array, ...]
    b: tuple[Array, ...]

    @classmethod
    def of(cls, model: Model) -> ReLUNet:
        """The network at inference, layers folded; InvalidValue where it is no chain of dense, ReLU and dropout layers."""
        if not isinstance(model, Sequential) or model.stages is None:
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
        pairs[-1] = (pairs[-1][0] * factor, pairs[-1][1] * factor)
        return cls(*_merged(pairs, [stage.rectified for stage in model.stages]))

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
        """For each layer, (n, out), the sum of the absolute values that meet in z, for inputs |x| <= `largest` (n, in)."""
        found = []
        for W, b in zip(self.W, self.b, strict=True):
            largest = largest @ np.abs(W) + np.abs(b)
            found.append(largest)
        return found

    def slack(self, precision: Precision = "float64") -> float:
        """What rounding does at the most to a bound on z or to z itself, relative to `magnitudes`.

        Every layer rounds products, sums, slopes and intercepts, forward, backward and when the network is run in `precision`;
        each costs at most gamma of all operations, relative to the pass of absolute values (Higham, 2002, chapter 3).
        """
        operations = sum(len(W) + 8 for W in self.W)
        roundings = gamma(operations) * 4 * (len(self) + 1)
        return roundings + gamma(operations, ROUNDOFF[precision]) * (len(self) + 1)


def _merged(
    pairs: Sequence[tuple[Array, Array]], rectified: Sequence[bool]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Affine maps with nothing between them, as one."""
    W, b = [pairs[0][0]], [pairs[0][1]]
    for (V, c), between in zip(pairs[1:], rectified[:-1], strict=True):
        if between:
            W.append(V)
            b.append(c)
        else:
            W[-1], b[-1] = W[-1] @ V, b[-1] @ V + c
    return tuple(W), tuple(b)
