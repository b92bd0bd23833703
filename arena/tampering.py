"""Tampering: what an attacker may do to a trained network's weights before it is deployed, and the referee's check of them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.ball import TOLERANCE, Ball
from arena.batch import Batch
from arena.engine import Sequential
from arena.engine.arrays import Array
from arena.engine.network import Params
from arena.engine.storage import LAYERS
from arena.errors import IllegalMove
from arena.moves import Tampered
from arena.referee import locked
from arena.views import EvasionView


@dataclass(frozen=True)
class WeightAllowance:
    """Every parameter array may move by `radius` of its own L2 norm; or `bits` bits of all float32 weights may flip."""

    radius: float | None = 0.03
    bits: int | None = None


class TamperView(EvasionView):
    """The network to tamper with, what may be done to it, and as `field` the training rows; no test point is shown."""

    def __init__(
        self, field: Batch, ball: Ball, model: Sequential, allowance: WeightAllowance, *, shadow: Batch | None = None
    ) -> None:
        super().__init__(field, ball, shadow=shadow)
        self.model, self.allowance = model, deepcopy(allowance)

    def _sight(self, rows: Any) -> tuple[Any, ...]:
        return self.model, self.allowance


@dataclass(frozen=True)
class TamperReferee:
    """Judges tampered weights against the deployed ones."""

    allowance: WeightAllowance

    def examine(self, model: object) -> Sequential:
        """The deployed network, its layers made again of their float32 weights: what else they hold escapes a tamperer."""
        if type(model) is not Sequential or not any(model.params):  # a subclass may read its rows in another way
            raise IllegalMove(
                f"tampering needs one network with weights of its own; {type(model).__name__} was deployed"
            )
        dtypes = sorted({str(p.dtype) for layer in model.params for p in layer})
        if dtypes != ["float32"]:
            raise IllegalMove(f"tampering is measured in float32 weights; the deployed ones are {', '.join(dtypes)}")
        foreign = sorted({type(layer).__name__ for layer in model.layers if type(layer) not in LAYERS.values()})
        if foreign:
            raise IllegalMove(f"tampering knows the layers {', '.join(LAYERS)}; {', '.join(foreign)} was deployed")
        layers = (type(layer).with_params(layer, layer.params) for layer in model.layers)
        return locked(Sequential(tuple(layers)))  # type: ignore[return-value]  # the model it is given

    def judge(self, move: object, model: Sequential) -> Sequential:
        """The network with the tampered weights; IllegalMove names the array, the rule and the excess."""
        if not isinstance(move, Tampered):
            raise IllegalMove(f"tampering is answered with Tampered(params); got {type(move).__name__}")
        params = _copied(move.params)  # once: what is judged is what is played
        if _shapes(params) != _shapes(model.params):
            raise IllegalMove(
                "tampered weights have the shapes and dtypes of the deployed ones; start from view.model.params"
            )
        before, after = ([p for layer in some for p in layer] for some in (model.params, params))
        for k, array in enumerate(after):
            if not np.isfinite(array).all():
                raise IllegalMove(f"tampered weights are finite; parameter array {k} holds NaN or infinity")
        if self.allowance.bits is None:
            self._within_radius(before, after)
        else:
            self._within_bits(before, after)
        return locked(model.with_params(params))  # type: ignore[return-value]  # the model it is given

    def _within_radius(self, before: list[Array], after: list[Array]) -> None:
        for k, (old, new) in enumerate(zip(before, after, strict=True)):
            moved = float(np.linalg.norm(new.astype(np.float64) - old))
            most = float(self.allowance.radius or 0) * float(np.linalg.norm(old.astype(np.float64)))
            if not moved <= most * (1 + TOLERANCE):
                raise IllegalMove(f"parameter array {k} may move by {most:.6g} in L2; it moved by {moved:.6g}")

    def _within_bits(self, before: list[Array], after: list[Array]) -> None:
        flipped = sum(flips(old, new) for old, new in zip(before, after, strict=True))
        if flipped > (self.allowance.bits or 0):
            raise IllegalMove(f"{self.allowance.bits} bits may flip; {flipped} did")


def _copied(params: Params) -> Params:
    try:
        return tuple(tuple(np.array(np.asarray(p)) for p in layer) for layer in params)  # asarray may give what is kept
    except Exception as error:  # a stranger's objects may raise anything
        raise IllegalMove(
            f"tampered weights are a tuple of arrays for each layer; reading them failed: {error}"
        ) from error


def _shapes(params: Params) -> list[list[object]]:
    return [[(p.shape, p.dtype) for p in layer] for layer in params]


def flips(old: Array, new: Array) -> int:
    """How many bits of two arrays of one dtype differ."""
    a, b = (np.ascontiguousarray(array).view(np.uint8) for array in (old, new))
    return int(np.bitwise_count(a ^ b).sum())
