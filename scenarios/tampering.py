"""Tampering: the attacker gets at the trained network itself, between training and the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.checks import positive, whole
from arena.errors import InvalidValue
from arena.referee import Referee, Round, hits
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.tampering import TamperReferee, TamperView, WeightAllowance
from arena.threat import ThreatModel
from arena.views import DefenderView
from scenarios.task import EvasionTask


@dataclass(frozen=True, kw_only=True)
class Tampering(EvasionTask):
    """Train, then have the weights tampered with: every array moved by `radius` of its norm, or `bits` bits flipped.

    The attacker knows the training rows and no test point. `ball` is the threat that defenders prepare for. The rest as in
    WhiteBox.
    """

    radius: float | None = 0.03
    bits: int | None = None

    name = "tampering"
    shows = TamperView

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bits is not None:
            whole("bits", self.bits)
        elif self.radius is None:
            raise InvalidValue(
                "tampering needs a radius, as in tampering(radius=0.03), or bits, as in tampering(bits=5)"
            )
        else:
            positive("radius", self.radius)

    @property
    def lineup(self) -> Mapping[str, Sequence[str]]:  # type: ignore[override]  # who can move depends on what is allowed
        """The control and the attack that suits; networks trained with and without an eye on their weights."""
        attack = "weight-ascent" if self.bits is None else "bit-flips"
        return {
            "attackers": ("weight-noise", attack),
            "defenders": (
                "plain",
                "dropout",
                "spectral-normalisation",
                "adversarial-training",
                "adversarial-weight-perturbation",
            ),
        }

    @property
    def threat(self) -> ThreatModel:
        """The ball that defenders prepare for; the field itself is left alone."""
        return ThreatModel(ball=self.ball, access="nothing")

    def turns(self) -> Script:
        """Deploy, tamper, check the weights, score both networks on the field."""
        cards, classes = self.deal, self.dataset.classes
        allowance = WeightAllowance(None if self.bits is not None else self.radius, self.bits)
        referee, weights, (field,) = Referee(self.ball), TamperReferee(allowance), cards.fields
        deployment = yield DefenderTurn(DefenderView(cards.train, classes, self.threat))
        model = weights.examine(referee.examine(deployment, cards.train.x.shape[1], classes))
        view = TamperView(
            referee.copy(cards.train), self.ball, weights.examine(referee.shown(model, field.x)), allowance
        )
        tampered = weights.judge((yield AttackerTurn(view)), model)
        return (Round(hits(model, field), hits(tampered, field), field, field, tampered),)
