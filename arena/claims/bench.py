"""The bench of a claim: registered players by name, each defender trained once a seed, attacked in any ball."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from arena import roster
from arena.data import Dataset
from arena.engine import Model
from arena.engine.arrays import Array, Mask
from arena.match import Opening, open_match, play
from arena.referee import Round
from arena.threat import Ball
from results import Interval, crossed


@dataclass(frozen=True)
class Bench:
    """A data set by name and a number of seeds; matches are those of a tournament with the same seeds.

    Defenders are trained in the scenario `home`, and play there unless told otherwise.
    """

    data: str
    seeds: int
    home: str = "white-box"
    met: dict[str, Mask] = field(
        default_factory=dict, compare=False, repr=False
    )  # what each defender read right, clean

    @property
    def dataset(self) -> Dataset:
        """The data."""
        return roster.dataset(self.data)

    @property
    def ball(self) -> Ball:
        """The ball that defenders are trained for unless told otherwise."""
        return self.scaled(1)

    def scaled(self, factor: float) -> Ball:
        """The same ball at another radius."""
        return Ball(round(factor * forgiven(self.dataset), 6))

    def rules(self, ball: Ball | None = None, scenario: str | None = None) -> Any:
        """The scenario of that spec on this data, in that ball."""
        return _rules(self.data, ball or self.ball, scenario or self.home)

    def opening(self, defender: str, seed: int = 0, trained: Ball | None = None) -> Opening:
        """The defender's first move against the threat of the ball `trained`; made once a process."""
        return _opening(self.data, defender, seed, trained or self.ball, self.home)

    def model(self, defender: str, seed: int = 0, trained: Ball | None = None) -> Model:
        """The network that it deploys."""
        return self.opening(defender, seed, trained).move.model

    def rounds(
        self,
        attacker: str,
        defender: str,
        ball: Ball | None = None,
        trained: Ball | None = None,
        scenario: str | None = None,
    ) -> list[Round]:
        """One match a seed, in `ball`, against what the defender deployed for `trained`; played once a process."""
        balls = ball or self.ball, trained or self.ball
        where = *balls, scenario or self.home, self.home
        found = [_played(self.data, attacker, defender, seed, *where) for seed in range(self.seeds)]
        name = defender if balls[1] == self.ball else f"{defender} for {balls[1].norm} {balls[1].radius:.3g}"
        self.met[name] = np.stack([played.clean for played in found])
        return found

    @property
    def commonest(self) -> float:
        """What a network gets right that answers the commonest label of the test points whatever it sees."""
        y = self.rules().deal.fields[0].y
        return float(np.bincount(y).max() / len(y))

    @property
    def unlearnt(self) -> list[str]:
        """Defenders met so far that read no more right than that, before any attack, after any of their trainings."""
        return [name for name, clean in self.met.items() if clean.mean(axis=1).min() <= self.commonest]

    def attacked(
        self,
        attacker: str,
        defender: str,
        ball: Ball | None = None,
        trained: Ball | None = None,
        scenario: str | None = None,
    ) -> Mask:
        """Which points stay right under attack: (seeds, points)."""
        return np.stack([played.attacked for played in self.rounds(attacker, defender, ball, trained, scenario)])

    def clean(self, defender: str, trained: Ball | None = None) -> Mask:
        """Which points are right before any attack: (seeds, points)."""
        return np.stack([played.clean for played in self.rounds("noise", defender, trained, trained)])


@cache
def _rules(data: str, ball: Ball, scenario: str) -> Any:
    return roster.build("scenarios", scenario, data=data, ball=ball)


@cache
def _opening(data: str, defender: str, seed: int, trained: Ball, home: str) -> Opening:
    opening = open_match(_rules(data, trained, home), roster.build("defenders", defender), seed)
    assert opening is not None  # at home the defender moves first
    return opening


@cache
def _played(
    data: str, attacker: str, defender: str, seed: int, ball: Ball, trained: Ball, scenario: str, home: str
) -> Round:
    players = roster.build("attackers", attacker), roster.build("defenders", defender)
    opening = deepcopy(_opening(data, defender, seed, trained, home))  # what one match leaves behind no other finds
    return play(_rules(data, ball, scenario), *players, seed=seed, opening=opening).rounds[-1]


def forgiven(data: Dataset) -> float:
    """The L∞ radius that an eye forgives: in colour pictures, in grey ones of MNIST's size or more, in coarser ones or none."""
    if data.pictured and data.shape[2:] == (3,):
        return 0.03
    return 0.1 if data.pictured and min(data.shape[:2]) >= 28 else 0.15


def percent(interval: Interval) -> str:
    """A share with its interval, in percent."""
    return f"{100 * interval.estimate:.1f} ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def shares(hits: Sequence[Array | Mask]) -> list[Interval]:
    """The interval of each array of outcomes (seeds, points)."""
    return [crossed(one) for one in hits]
