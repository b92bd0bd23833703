"""White box: the defender trains and deploys, the attacker sees the network and perturbs the field; once, or in turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from arena.batch import Batch
from arena.checks import whole
from arena.moves import Deployment
from arena.referee import Referee, Round
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.threat import ThreatModel
from arena.views import DefenderView, GradientView
from scenarios.task import DEFENDERS, BallTask

BENCH = (  # made for randomised defenders, for several rounds, of others, or for the smallest L2 step: seated by name
    "adaptive-pgd", "best-response", "greedy", "mixture", "regret-matching", "exp3", "fictitious-play",
    "expectation-over-transformation", "ddn", "cw", "multi-targeted",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WhiteBox(BallTask):
    """Train, then attack with everything in sight; `rounds` > 1 alternates, each round on a fresh field.

    `data` is a registered name, the path of an .npz, or a Dataset; `points` test points are shared out over the rounds
    (at most 28 % of the data); `train` limits the training rows. A field is scored once and only then revealed to the
    defender, so nothing is ever scored after it was trained on.
    """

    rounds: int = 1

    name = "white-box"
    shows = GradientView
    lineup: ClassVar[Mapping[str, Sequence[str]]] = {"defenders": DEFENDERS, "bench": BENCH}

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("rounds", self.rounds)

    @property
    def threat(self) -> ThreatModel:
        """The ball, with gradients in sight."""
        return ThreatModel(ball=self.ball, access="gradients")

    def turns(self) -> Script:
        """Deploy; then for every field: attack, judge, score, reveal, deploy again."""
        train, shadow = self.deal.train, self.deal.shadow
        referee, classes = Referee(self.ball), self.dataset.classes
        faced: tuple[Batch, ...] = ()
        seen: tuple[GradientView, ...] = ()
        deployed: Deployment | None = None
        rounds: list[Round] = []
        for field in self.deal.fields:
            deployment = yield DefenderTurn(DefenderView(train, classes, self.threat, faced, deployed))
            model = referee.examine(deployment, train.x.shape[1], classes)
            view = GradientView(
                referee.copy(field), self.ball, referee.shown(model, field.x), shadow=shadow, earlier=seen
            )
            answer = referee.judge((yield AttackerTurn(view)), field)
            referee.ask_again(model, view.model, answer)
            rounds.append(referee.score(model, field, answer))
            faced, seen, deployed = (*faced, answer), (*seen, view), Deployment(model)
        return tuple(rounds)
