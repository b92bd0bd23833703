"""Black box: the attacker sees scores, labels or nothing of the target; it may hold rows of the training distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from arena.checks import one_of, whole
from arena.meter import Meter
from arena.referee import Referee
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.threat import ThreatModel
from arena.views import DefenderView, EvasionView, LabelView, ScoreView
from scenarios.task import DEFENDERS, BallTask


@dataclass(frozen=True, kw_only=True)
class Transfer(BallTask):
    """The attacker sees nothing of the target and answers once, from what it learns on rows of the same distribution.

    It sees the defender's own training rows, or with `shadow` > 0 that share of them which the defender then lacks.
    The rest as in WhiteBox.
    """

    shadow: float = 0.0

    name = "transfer"
    shows = EvasionView
    lineup: ClassVar[Mapping[str, Sequence[str]]] = {
        "attackers": (
            "noise",
            "from 64=surrogate-transfer(surrogates=['plain(hidden=(64,))'])",
            "from 128-64=surrogate-transfer(surrogates=['plain'])",
            "from 256-256-128=surrogate-transfer(surrogates=['plain(hidden=(256, 256, 128))'])",
            "from dropout=surrogate-transfer(surrogates=['dropout'])",
            "from adversarial=surrogate-transfer(surrogates=['adversarial-training(epochs=40)'])",
            "from a mixture=surrogate-transfer",
        ),
        "defenders": (
            "64=plain(hidden=(64,))",
            "128-64=plain",
            "256-256-128=plain(hidden=(256, 256, 128))",
            "dropout",
            "adversarial=adversarial-training",
            "ensemble",
            "feature-squeezing",
            "randomised-input",
        ),
    }

    @property
    def threat(self) -> ThreatModel:
        """The ball, with nothing in sight."""
        return ThreatModel(ball=self.ball, access="nothing")

    def turns(self) -> Script:
        """Deploy, attack unseen, judge, score."""
        cards, classes, referee = self.deal, self.dataset.classes, Referee(self.ball)
        (field,) = cards.fields
        deployment = yield DefenderTurn(DefenderView(cards.train, classes, self.threat))
        model = referee.examine(deployment, cards.train.x.shape[1], classes)
        view = EvasionView(referee.copy(field), self.ball, shadow=cards.shadow)
        answer = referee.judge((yield AttackerTurn(view)), field)
        return (referee.score(model, field, answer),)


@dataclass(frozen=True, kw_only=True)
class Query(BallTask):
    """The attacker asks the target for `access` "scores" or "labels", at most `budget` rows about each example.

    The meter is the referee's. The attacker also sees rows of the training distribution, as in Transfer.
    """

    access: Literal["scores", "labels"] = "scores"
    budget: int = 1000
    shadow: float = 0.0

    name = "query"
    lineup: ClassVar[Mapping[str, Sequence[str]]] = {"defenders": DEFENDERS}

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("access", self.access, ("scores", "labels"))
        whole("budget", self.budget)

    @property
    def shows(self) -> type[LabelView]:
        """The view that goes with the access."""
        return ScoreView if self.access == "scores" else LabelView

    @property
    def threat(self) -> ThreatModel:
        """The ball, the access and the budget."""
        return ThreatModel(ball=self.ball, access=self.access, queries=self.budget)

    def turns(self) -> Script:
        """Deploy, attack by questions, judge, score with the count of every example."""
        cards, classes, referee = self.deal, self.dataset.classes, Referee(self.ball)
        (field,) = cards.fields
        deployment = yield DefenderTurn(DefenderView(cards.train, classes, self.threat))
        model = referee.examine(deployment, cards.train.x.shape[1], classes)
        meter = Meter(model, len(field), self.budget)
        view = self.shows(referee.copy(field), self.ball, meter.answers(), shadow=cards.shadow)
        answer = referee.judge((yield AttackerTurn(view)), field)
        referee.ask_again(model, model, answer)
        return (referee.score(model, field, answer, meter.counts),)
