"""Where the examples of an attacker's environment come from: real matches of a scenario against drawn opponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.checks import whole
from arena.data import Dataset
from arena.engine.arrays import Array, Indices
from arena.envs.opponents import Mixture, Opponent
from arena.errors import InvalidValue
from arena.learning.attempts import Attempts, Look
from arena.match import Opening, open_match
from arena.moves import Perturbation
from arena.players import Defender, spec
from arena.scenario import AttackerTurn
from arena.sitting import Sitting
from arena.views import EvasionView, LabelView


@lru_cache(maxsize=16)
def rules(scenario: str, data: str, rehearsal: bool = True) -> Any:
    """The scenario of a spec; as a rehearsal it is dealt from its own training rows, so that its fields stay unseen."""
    game = roster.build("scenarios", scenario, data=data)
    if not rehearsal:
        return game
    return replace(game, data=Dataset(f"{game.dataset.name}-rehearsal", game.deal.train, game.dataset.shape))


class Host:
    """Opens matches: an opponent and a training seed are drawn for each, and every network is trained once a process."""

    def __init__(self, scenario: Any, opponent: Opponent, networks: Sequence[int]) -> None:
        if not issubclass(scenario.shows, LabelView) or scenario.rounds != 1:
            raise InvalidValue(
                f"an attack step by step needs a scenario of one round that answers questions, as white-box or query;"
                f" {scenario.name} shows a {scenario.shows.__name__} in {scenario.rounds} rounds"
            )
        for seed in networks:
            whole("each seed in networks", seed, least=0)
        if not networks:
            raise InvalidValue("networks lists the seeds of the opponents' trainings, as in [0, 1]; got none")
        self.scenario, self.networks = scenario, tuple(networks)
        self.mixture = Mixture.of("defenders", opponent)

    def open(self, rng: Generator) -> FieldInPlay:
        """A new match, at the attacker's turn."""
        defender, seed = self.mixture.draw(rng), self.networks[int(rng.integers(len(self.networks)))]
        return FieldInPlay(self.scenario, defender, seed, rng)


class FieldInPlay:
    """One attacker's turn, its examples handed out one at a time; when all have come back, the referee judges the move.

    Every example is first asked about as it is; those misread already are not handed out.
    """

    def __init__(self, scenario: Any, defender: Defender, seed: int, rng: Generator) -> None:
        self.sitting = Sitting(scenario, seed)
        self.sitting.send(opened(scenario, defender, seed).move)
        turn = self.sitting.turn
        assert isinstance(turn, AttackerTurn) and isinstance(turn.view, EvasionView)  # of a scenario that shows one
        x, y, classes = turn.view.field.x, turn.view.field.y, scenario.dataset.classes
        self.look, everyone = Look(turn.view, classes), np.arange(len(y))
        self.start = Attempts(len(y), x.shape[1], classes, turn.view.ball)
        self.start.place(everyone, x, y, *self.look(x, y, everyone))
        self.answer = x.copy()
        self._order = rng.permutation(np.flatnonzero(~self.start.fooled))
        self._out = 0
        if not len(self._order):
            raise InvalidValue(f"{spec(defender)} reads no example right: there is nothing to attack")

    def take(self, n: int) -> Indices:
        """The next examples by their rows, n of them or as many as are left."""
        taken, self._order = self._order[:n], self._order[n:]
        self._out += len(taken)
        return taken

    def give(self, rows: Indices, x: Array) -> None:
        """Return examples as the attack has left them; the last one makes the move."""
        self.answer[rows] = x
        self._out -= len(rows)
        if not self._out and not len(self._order):
            self.sitting.send(Perturbation(self.answer))


def opened(scenario: Any, defender: Defender, seed: int) -> Opening:
    """The defender's first move, trained once a process."""
    return _opened(_Key(f"{scenario.content()} {spec(defender)} {seed}", scenario, defender, seed))


@dataclass(frozen=True)
class _Key:
    """An opening by its text alone: the same words mean the same training."""

    text: str
    scenario: Any = field(compare=False)
    defender: Any = field(compare=False)
    seed: int = field(compare=False)


@lru_cache(maxsize=64)
def _opened(key: _Key) -> Opening:
    opening = open_match(key.scenario, key.defender, key.seed)
    assert opening is not None  # a scenario of evasion begins with the defender
    return opening
