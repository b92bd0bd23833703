"""Where the examples of an attacker's environment come from: real matches of a scenario against drawn opponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

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
from arena.views import EvasionView, GradientView, LabelView


@lru_cache(maxsize=16)
def rules(scenario: str, data: str, rehearsal: bool = True) -> Any:
    """The scenario of a spec; as a rehearsal it is dealt from its own training rows, so that its fields stay unseen."""
    game = roster.build("scenarios", scenario, data=data)
    if not rehearsal or not hasattr(game, "data"):
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
        self.scenario, self.networks = scenario, networks_of(networks)
        self.mixture = Mixture.of("defenders", opponent)
        self._met: WeakKeyDictionary[Opening, tuple[Look, Attempts]] = WeakKeyDictionary()

    def open(self, rng: Generator) -> FieldInPlay:
        """A new match, at the attacker's turn."""
        defender, seed = self.mixture.draw(rng), self.networks[int(rng.integers(len(self.networks)))]
        opening, sitting = opened(self.scenario, defender, seed), Sitting(self.scenario, seed)
        sitting.send(opening.move)
        turn = sitting.turn
        assert isinstance(turn, AttackerTurn) and isinstance(turn.view, EvasionView)  # of a scenario that shows one
        look, start = self._met.get(opening) or met(turn.view, self.scenario.dataset.classes)
        if start.fooled.all():
            raise InvalidValue(f"{spec(defender)} reads no example right: there is nothing to attack")
        if isinstance(turn.view, GradientView):  # no question is counted, so none is asked twice
            self._met[opening] = look, start
        return FieldInPlay(sitting, look, start, rng)


def met(view: EvasionView, classes: int) -> tuple[Look, Attempts]:
    """A look at the target, and the field as it stands at first: every example is asked about as it is."""
    x, y, everyone = view.field.x, view.field.y, np.arange(len(view.field))
    look, start = Look(view, classes), Attempts(len(x), x.shape[1], classes, view.ball)
    start.place(slice(None), x, y, *look(x, y, everyone))
    return look, start


def networks_of(seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds of the opponents' trainings; InvalidValue where they are none."""
    if not isinstance(seeds, Sequence) or isinstance(seeds, str) or not seeds:
        raise InvalidValue(f"networks lists the seeds of the opponents' trainings, as in [0, 1]; got {seeds!r}")
    for seed in seeds:
        whole("each seed in networks", seed, least=0)
    return tuple(seeds)


class FieldInPlay:
    """One attacker's turn, its examples handed out one at a time; when all have come back, the referee judges the move.

    Examples that are misread as they are, by `start`, are not handed out.
    """

    def __init__(self, sitting: Sitting, look: Look, start: Attempts, rng: Generator) -> None:
        self.sitting, self.look, self.start, self.answer = sitting, look, start, start.x.copy()
        self._order = rng.permutation(np.flatnonzero(~start.fooled))
        self._out = 0

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
