"""Poisoning: the attacker changes training rows before the defender sees them, and for a backdoor puts a trigger on test rows."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np

from arena.batch import Batch
from arena.checks import one_of, share, whole
from arena.errors import IllegalMove, InvalidValue
from arena.moves import Deployment
from arena.poisoning.referee import PoisonReferee
from arena.poisoning.trigger import Stamp, Trigger
from arena.poisoning.view import Goal, GoalKind, PoisonView, Revealed, TriggerView
from arena.referee import Referee, Round
from arena.scenario import AttackerTurn, DefenderTurn, Script, Turn
from arena.streams import stream
from arena.threat import Ball, Contamination, ThreatModel
from arena.views import DefenderView
from scenarios.ledger import Ledger, joined
from scenarios.poisoning_lineup import ATTACKERS, DEFENDERS, DISGUISES, LEARNERS, TRIGGERS
from scenarios.task import EvasionTask

Knowledge: TypeAlias = Literal["data", "recipe", "share"]
T = TypeVar("T")
Part: TypeAlias = Generator[Turn, Any, T]  # some turns of a script
_ANYWHERE = Ball(1.0)


@dataclass(frozen=True, kw_only=True)
class Poisoning(EvasionTask):
    """Train clean for reference, poison, train again on the same random stream, and for a backdoor attack at test time.

    `allowance` is a Contamination, or the share of rows alone for what suits the goal: unless given 0.2, and 0.05 where rows
    may be edited, in a backdoor anywhere, for points within `ball`. Goals: "availability" scores every test point; "targeted"
    those of class `source`, wanted as `target`; "backdoor" those of all classes but `target`, under a `trigger`; "points"
    `trials` chosen test points, each a game and a training of its own. Unless given, the target is 8, which a 3 resembles, and
    of a backdoor 0, as is the custom. The attacker knows the "data", the data and the defender's "recipe",
    or only `known` of the data ("share"). With `rounds` > 1 it sees the outcome of the last. `trusted` is the share of the
    training rows that the defender holds apart, where no attacker reaches.
    """

    allowance: Contamination | float | None = None
    goal: GoalKind = "availability"
    source: int = 3
    target: int | None = None
    trigger: Trigger = Stamp(4)
    knows: Knowledge = "data"
    known: float = 0.5
    trials: int = 100
    rounds: int = 1
    trusted: float = 0.0

    name = "poisoning"
    shows = PoisonView

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.target is None:
            object.__setattr__(self, "target", 0 if self.goal == "backdoor" else 8)
        Goal(self.goal, self.source, self.target)
        one_of("knows", self.knows, ("data", "recipe", "share"))
        if not 0 < self.known <= 1:
            raise InvalidValue(f"known must be a share in (0, 1]; got {self.known!r}")
        whole("trials", self.trials)
        whole("rounds", self.rounds)
        share("trusted", self.trusted)
        _ = self.contamination  # a share that is none is refused here

    @property
    def lineup(self) -> Mapping[str, Sequence[str]]:  # type: ignore[override]  # here it depends on the goal
        """Who plays from the command line unless told otherwise."""
        if self.goal == "backdoor":
            return {"attackers": TRIGGERS, "defenders": (*DEFENDERS, "strip")}
        if self.goal == "points":
            return {"attackers": DISGUISES, "defenders": LEARNERS}
        return {"attackers": ATTACKERS, "defenders": DEFENDERS}

    @property
    def summary(self) -> str:
        """The rules in a line, with the denominator of the share."""
        rules, n = self.contamination, len(self.deal.train)
        may = {"relabelled": rules.may_relabel, "edited": rules.may_edit, "inserted": rules.may_insert}
        limit = f"floor({rules.fraction:g} · {n}) = {rules.limit(n)} of all {n} training rows"
        return f"{self.goal}; {limit} may be {' or '.join(how for how, given in may.items() if given)}"

    def at(self, fraction: float) -> Poisoning:
        """The same game with another share of rows."""
        return replace(self, allowance=replace(self.contamination, fraction=fraction))

    @cached_property
    def contamination(self) -> Contamination:
        """What may be done to the training rows: the allowance, or what suits the goal and the ball."""
        if isinstance(self.allowance, Contamination):
            return self.allowance
        moved = {"backdoor": _ANYWHERE, "points": self.ball}.get(self.goal)
        fraction = (0.05 if moved else 0.2) if self.allowance is None else self.allowance
        return Contamination(fraction, may_relabel=self.goal != "points", may_edit=moved)

    @property
    def shadow(self) -> float:
        """The share of the training rows that is dealt apart: here it is the defender's."""
        return self.trusted

    @property
    def threat(self) -> ThreatModel:
        """The contamination; the ball is what defenders that train against noise take for theirs."""
        return ThreatModel(ball=self.ball, access="nothing", contamination=self.contamination)

    @cached_property
    def referee(self) -> PoisonReferee:
        """The judge of poison; the rows that the attacker knows stand first, in an order drawn by the data."""
        n = len(self.deal.train)
        known = max(1, round(self.known * n)) if self.knows == "share" else n
        return PoisonReferee(self.contamination, self.deal.train, self.dataset.classes, known)

    def turns(self) -> Script:
        """A clean training; then for every field: poison, judge, train again, trigger where there is one, score, reveal."""
        self._fits()
        reference = self._examined((yield DefenderTurn(self._shown(self.deal.train))))
        revealed: tuple[Revealed, ...] = ()
        rounds: list[Round] = []
        for field in self.deal.fields:
            if self.goal == "points":
                rounds.append((yield from self._trials(field, reference)))
                continue
            goal = Goal(self.goal, self.source, self.target)
            view = self._view(goal, reference, revealed)
            ledger, seen = yield from self._game(view, reference, again=0)
            answer = (yield from self._triggered(view, field)) if self.goal == "backdoor" else None
            rounds.append(ledger.scored(goal, field, answer))
            revealed = (*revealed, seen)
        return tuple(rounds)

    def _game(self, view: PoisonView, reference: Deployment, again: int | None) -> Part[tuple[Ledger, Revealed]]:
        """Poison, judge, train."""
        knows = self._shown(self.deal.train) if self.knows == "recipe" else None
        move = yield AttackerTurn(view, knows)
        poisoned = self.referee.judge(move)
        last = Deployment(view.revealed[-1].model) if view.revealed else None
        answer = yield DefenderTurn(replace(self._shown(poisoned.train), deployed=last), again)
        deployed = self._examined(answer, len(poisoned.train))
        ledger = Ledger(reference.model, deployed, poisoned, self.contamination, len(self.deal.train))
        return ledger, Revealed(move, deployed.model, deployed.suspects)

    def _triggered(self, view: PoisonView, field: Batch) -> Part[Batch]:
        """The rows of other classes than the target, with the trigger on."""
        others = field[field.y != self.target]
        seen = {f.name: getattr(view, f.name) for f in fields(PoisonView)}
        move = yield AttackerTurn(TriggerView(**seen, field=Batch(others.x.copy(), others.y.copy())))
        return self.trigger.judge(move, others)

    def _trials(self, field: Batch, reference: Deployment) -> Part[Round]:
        """One game a chosen point, each with a fresh random stream; the round holds a point of each."""
        scored = []
        for i in range(min(self.trials, len(field))):
            point = field[i : i + 1]
            shift = stream("wanted", point.x.tobytes()).integers(1, self.dataset.classes)
            goal = Goal("points", points=point, wanted=(point.y + shift) % self.dataset.classes)
            ledger, _ = yield from self._game(self._view(goal, reference, ()), reference, again=None)
            scored.append(ledger.scored(goal, field, None))
        return joined(scored)

    def _shown(self, train: Batch) -> DefenderView:
        trusted = self.deal.shadow if self.trusted else None
        return DefenderView(train, self.dataset.classes, self.threat, trusted=trusted)

    def _view(self, goal: Goal, reference: Deployment, revealed: tuple[Revealed, ...]) -> PoisonView:
        train = self.deal.train[: self.referee.known]
        model = reference.model if self.knows == "recipe" else None
        own = Batch(train.x.copy(), train.y.copy())
        rows, data = len(self.deal.train), self.dataset
        return PoisonView(own, rows, data.classes, data.shape, self.contamination, goal, model, revealed=revealed)

    def _examined(self, move: Any, rows: int | None = None) -> Deployment:
        """The deployment with its model examined and its suspects, if it names any, one mark a training row."""
        model = Referee(self.ball).examine(move, self.deal.train.x.shape[1], self.dataset.classes)
        suspects = None if move.suspects is None else np.asarray(move.suspects)
        wanted = (len(self.deal.train) if rows is None else rows,)
        if suspects is not None and (suspects.shape != wanted or suspects.dtype.kind != "b"):
            raise IllegalMove(f"suspects are one bool a training row, {wanted}; got {suspects.shape}, {suspects.dtype}")
        return Deployment(model, suspects)

    def _fits(self) -> None:
        for name in ("source", "target"):
            if getattr(self, name) >= self.dataset.classes:
                raise InvalidValue(
                    f"{name} is one of the labels 0..{self.dataset.classes - 1}; got {getattr(self, name)}"
                )
