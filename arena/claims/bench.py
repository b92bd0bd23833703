"""The bench of a claim: registered players by name, each defender trained once a seed, attacked in any ball."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from arena import roster
from arena.data import Dataset
from arena.engine import Model
from arena.engine.arrays import Mask
from arena.match import Opening, open_match, play
from arena.referee import Round
from arena.schedule import records_of
from arena.threat import Ball
from results import Interval, ResultsTable, crossed

BALL = Ball(0.15, "linf")


@dataclass(frozen=True)
class Bench:
    """A data set by name and a number of seeds; matches are those of a tournament with the same seeds."""

    data: str
    seeds: int

    @property
    def dataset(self) -> Dataset:
        """The data."""
        return roster.dataset(self.data)

    def rules(self, ball: Ball = BALL, scenario: str = "white-box") -> Any:
        """The scenario of that spec on this data, in that ball."""
        return roster.build("scenarios", scenario, data=self.data, ball=ball)

    def opening(self, defender: str, seed: int = 0, trained: Ball = BALL) -> Opening:
        """The defender's first move against the threat of the ball `trained`; made once a process."""
        return _opening(self.data, defender, seed, trained)

    def model(self, defender: str, seed: int = 0, trained: Ball = BALL) -> Model:
        """The network that it deploys."""
        return self.opening(defender, seed, trained).move.model

    def rounds(
        self, attacker: str, defender: str, ball: Ball = BALL, trained: Ball = BALL, scenario: str = "white-box"
    ) -> list[Round]:
        """One match a seed, in `ball`, against what the defender deployed for `trained`."""
        rules, players = (
            self.rules(ball, scenario),
            (roster.build("attackers", attacker), roster.build("defenders", defender)),
        )
        return [
            play(rules, *players, seed=seed, opening=self.opening(defender, seed, trained)).rounds[-1]
            for seed in range(self.seeds)
        ]

    def attacked(self, attacker: str, defender: str, ball: Ball = BALL, trained: Ball = BALL) -> Mask:
        """Which points stay right under attack: (seeds, points)."""
        return np.stack([played.attacked for played in self.rounds(attacker, defender, ball, trained)])

    def clean(self, defender: str, trained: Ball = BALL) -> Mask:
        """Which points are right before any attack: (seeds, points)."""
        return np.stack([played.clean for played in self.rounds("noise", defender, trained, trained)])

    def table(
        self, attackers: Sequence[str], defenders: Sequence[str], ball: Ball = BALL, scenario: str = "white-box"
    ) -> ResultsTable:
        """All against all: the tournament's own records."""
        rules = self.rules(ball, scenario)
        return ResultsTable(tuple(
            record
            for attacker in attackers
            for defender in defenders
            for seed in range(self.seeds)
            for record in records_of(
                play(rules, roster.build("attackers", attacker), roster.build("defenders", defender), seed=seed,
                     opening=self.opening(defender, seed, ball)),
                rules.name, attacker, defender, seed,
            )
        ))  # fmt: skip


@cache
def _opening(data: str, defender: str, seed: int, trained: Ball) -> Opening:
    rules = roster.build("scenarios", "white-box", data=data, ball=trained)
    opening = open_match(rules, roster.build("defenders", defender), seed)
    assert opening is not None  # in the white box the defender moves first
    return opening


def percent(interval: Interval) -> str:
    """A share with its interval, in percent."""
    return f"{100 * interval.estimate:.1f} ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def shares(hits: Sequence[Mask]) -> list[Interval]:
    """The interval of each array of outcomes (seeds, points)."""
    return [crossed(one) for one in hits]
