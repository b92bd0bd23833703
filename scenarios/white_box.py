"""White box: the defender trains and deploys, the attacker sees the network and perturbs the field; once, or in turns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from arena import roster
from arena.batch import Batch
from arena.checks import whole
from arena.data import Dataset
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.players import spec
from arena.referee import Referee, Round
from arena.scenario import AttackerTurn, DefenderTurn, Script
from arena.streams import digest, stream
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView, GradientView

_TEST_SHARE = 0.28  # the most of a small data set that is held out: 500 of the 1,797 digits


@dataclass(frozen=True, kw_only=True)
class WhiteBox:
    """Train, then attack with everything in sight; `rounds` > 1 alternates, each round on a fresh field.

    `data` is a registered name, the path of an .npz, or a Dataset; `points` test points are shared out over the rounds
    (at most 28 % of the data); `train` limits the training rows. A field is scored once and only then revealed to the
    defender, so nothing is ever scored after it was trained on.
    """

    data: str | Dataset = "digits"
    ball: Ball = Ball(0.15, "linf")
    rounds: int = 1
    points: int = 500
    train: int | None = None

    name = "white-box"
    shows = GradientView

    def __post_init__(self) -> None:
        whole("rounds", self.rounds)
        whole("points", self.points)
        if self.train is not None:
            whole("train", self.train)

    @property
    def threat(self) -> ThreatModel:
        """The ball, with gradients in sight."""
        return ThreatModel(ball=self.ball, access="gradients")

    @cached_property
    def dataset(self) -> Dataset:
        """The data, loaded once."""
        return self.data if isinstance(self.data, Dataset) else roster.dataset(self.data)

    def content(self) -> str:
        """A digest of the rules and of the data's rows."""
        return self._content

    @cached_property
    def _content(self) -> str:
        rows = self.dataset.rows
        return digest(spec(self), rows.x.tobytes(), rows.y.tobytes())

    @cached_property
    def deal(self) -> tuple[Batch, tuple[Batch, ...]]:
        """Training rows and one disjoint field a round; the same for every seed, so that seeds differ in training alone."""
        rows = self.dataset.rows
        each = min(self.points, int(len(rows) * _TEST_SHARE)) // self.rounds
        if each < 1:
            raise InvalidValue(
                f"{self.rounds} rounds need as many test points; {len(rows)} rows give too few: fewer rounds"
            )
        order = stream("deal", rows.x.tobytes()).permutation(len(rows))
        fields = tuple(rows[order[i * each : (i + 1) * each]] for i in range(self.rounds))
        return rows[order[each * self.rounds :][: self.train]], fields

    def turns(self) -> Script:
        """Deploy; then for every field: attack, judge, score, reveal, deploy again."""
        train, fields = self.deal
        referee, classes, features = Referee(self.ball), self.dataset.classes, train.x.shape[1]
        faced: tuple[Batch, ...] = ()
        deployed: Deployment | None = None
        rounds: list[Round] = []
        for field in fields:
            deployment = yield DefenderTurn(DefenderView(train, classes, self.threat, faced, deployed))
            model = referee.examine(deployment, features, classes)
            answer = referee.judge((yield AttackerTurn(referee.show(field, model))), field)
            rounds.append(referee.score(model, field, answer))
            faced, deployed = (*faced, answer), Deployment(model)
        return tuple(rounds)
