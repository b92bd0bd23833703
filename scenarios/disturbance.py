"""Disturbance: nature moves instead of an attacker; it knows no ball, only the box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from arena.referee import Referee
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView, DisturbanceView
from scenarios.task import DEFENDERS, EvasionTask

NATURE = (
    "gaussian-noise", "salt-and-pepper", "blur", "contrast", "brightness", "occlusion", "shift", "rotation", "dusk",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Disturbance(EvasionTask):
    """Train for the ball, then be met by what happens to pictures: noise, blur, weather, dusk, a camera askew.

    `ball` is the threat that defenders prepare for; a disturbance may go anywhere in the box. The rest as in WhiteBox.
    """

    name = "disturbance"
    shows = DisturbanceView
    lineup: ClassVar[Mapping[str, Sequence[str]]] = {"attackers": NATURE, "defenders": DEFENDERS}

    @property
    def threat(self) -> ThreatModel:
        """The ball that defenders prepare for; nature sees nothing of the network."""
        return ThreatModel(ball=self.ball, access="nothing")

    def turns(self) -> Script:
        """Deploy, disturb, judge, score."""
        cards, classes = self.deal, self.dataset.classes
        low, high = self.ball.box
        box = Ball(high - low, box=self.ball.box)
        referee, (field,) = Referee(box), cards.fields
        deployment = yield DefenderTurn(DefenderView(cards.train, classes, self.threat))
        model = referee.examine(deployment, cards.train.x.shape[1], classes)
        view = DisturbanceView(referee.copy(field), box, self.dataset.shape)
        answer = referee.judge((yield AttackerTurn(view)), field)
        return (referee.score(model, field, answer),)
