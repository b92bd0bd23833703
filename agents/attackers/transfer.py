"""Attacks that need no gradient of the target: crafted on surrogates, sent to a network nobody sees into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator

from agents.attackers.members import attacker_of, defenders_of
from agents.attackers.pgd import MomentumPGD
from arena.batch import Batch
from arena.checks import positive, whole
from arena.engine import Average
from arena.engine.arrays import Array, Indices
from arena.engine.model import Model
from arena.errors import InvalidValue
from arena.moves import Perturbation
from arena.players import Attacker, Defender
from arena.threat import ThreatModel
from arena.views import DefenderView, EvasionView, GradientView, LabelView

Surrogates: TypeAlias = tuple[Defender | str, ...]
MIXED = ("plain", "plain(hidden=(96, 96))", "plain(hidden=(256,))")


@dataclass(frozen=True, kw_only=True)
class SurrogateTransfer:
    """Trains surrogates on the shadow rows and attacks their average (Papernot et al., 2016, arXiv:1605.07277).

    `surrogates` are defenders or their specs, of any width, depth and training; `attack` is any white-box attacker.
    """

    surrogates: Surrogates = MIXED
    attack: Attacker[Any] | str = MomentumPGD(stop_fooled=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "surrogates", defenders_of(self.surrogates))
        object.__setattr__(self, "attack", attacker_of(self.attack))

    def move(self, view: EvasionView, rng: Generator) -> Perturbation:
        """The attack's answer to the surrogates."""
        if view.shadow is None:
            raise InvalidValue("SurrogateTransfer trains on the view's shadow rows, and this scenario shows none")
        model = _trained(self.surrogates, view.shadow, view, rng)
        return _crafted(attacker_of(self.attack), model, view, rng)


@dataclass(frozen=True, kw_only=True)
class SubstituteTraining:
    """A surrogate that learns the target's own labels, asked for along its Jacobian (Papernot et al., 2017, arXiv:1602.02697).

    Each of `rounds` doubles the rows asked about, x + step sign(dz_label / dx), as long as the budget lasts: 2^rounds
    queries an example. Shadow rows are learned too where the scenario shows any. The rest as in SurrogateTransfer.
    """

    surrogates: Surrogates = MIXED
    attack: Attacker[Any] | str = MomentumPGD(stop_fooled=False)
    rounds: int = 3
    step: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "surrogates", defenders_of(self.surrogates))
        object.__setattr__(self, "attack", attacker_of(self.attack))
        whole("rounds", self.rounds)
        positive("step", self.step)

    def move(self, view: LabelView, rng: Generator) -> Perturbation:
        """Ask, learn, move on; then attack what was learned."""
        x, about = view.field.x, np.arange(len(view.field))
        known, model = _asked(view, x, about), None
        for _ in range(self.rounds):
            model = _trained(self.surrogates, _with_shadow(view, known), view, rng)
            moved = np.clip(x + np.float32(self.step) * _jacobian_signs(model, x), *view.ball.box).astype(np.float32)
            affordable = _affordable(view, about)
            if not affordable.size:
                break
            known = known.joined(_asked(view, moved[affordable], about[affordable]))
            x, about = np.concatenate([x, moved[affordable]]), np.concatenate([about, about[affordable]])
        model = _trained(self.surrogates, _with_shadow(view, known), view, rng)
        return _crafted(attacker_of(self.attack), model, view, rng)


def _trained(surrogates: Surrogates, rows: Batch, view: EvasionView, rng: Generator) -> Model:
    """The average of the surrogates, each trained on `rows` on a stream of its own."""
    classes = int(max(rows.y.max(), view.field.y.max())) + 1
    shown = DefenderView(rows, classes, ThreatModel(ball=view.ball, access="nothing"))
    streams = rng.spawn(len(surrogates))
    return Average(tuple(d.move(shown, own).model for d, own in zip(defenders_of(surrogates), streams, strict=True)))


def _crafted(attack: Attacker[Any], model: Model, view: EvasionView, rng: Generator) -> Perturbation:
    return attack.move(GradientView(view.field, view.ball, model, shadow=view.shadow), rng)


def _asked(view: LabelView, x: Array, about: Indices) -> Batch:
    return Batch(x, view.labels(x, about))


def _with_shadow(view: LabelView, known: Batch) -> Batch:
    return known if view.shadow is None else known.joined(view.shadow)


def _affordable(view: LabelView, about: Indices) -> Indices:
    """The rows whose examples can pay for all of their rows once more."""
    left = view.left
    if left is None:
        return np.arange(len(about))
    return np.flatnonzero((np.bincount(about, minlength=len(left)) <= left)[about])


def _jacobian_signs(model: Model, x: Array) -> Array:
    """sign(dz_j / dx) at each row's own label j by the model: (n, d)."""
    logits, pull = model.vjp(x)
    return np.sign(pull(np.eye(logits.shape[1], dtype=logits.dtype)[logits.argmax(axis=1)]))
