"""Policy-space response oracles of the white-box game: networks on one side, attacks on mixtures of networks on the other.

The attacker knows how the defender mixes and not what it draws, so that an attack is a way to perturb points against a
stated mixture, and may meet any network: the entries of the game are those of a transfer matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.batch import Batch
from arena.engine import RandomisedEnsemble, Sequential
from arena.engine.arrays import Array
from arena.engine.threads import one_blas_thread
from arena.errors import InvalidValue
from arena.moves import Perturbation
from arena.players import Attacker, Defender
from arena.referee import Referee, chances
from arena.scenario import Scenario
from arena.streams import stream
from arena.views import DefenderView, EvasionView, GradientView

_SUPPORT = 0.01  # a strategy with less weight than this is left out of what an oracle answers
_OWN = 0.5  # of the rows a defence is trained on: attacked as it stands itself, not as the mixture does


@dataclass(frozen=True, eq=False)
class Against:
    """An attacker that looks at a model of its own, whatever it meets."""

    attacker: Attacker[Any]
    model: RandomisedEnsemble

    def move(self, view: EvasionView, rng: Generator) -> Perturbation:
        """The attack of the own model, in the view's ball."""
        return self.attacker.move(GradientView(view.field, view.ball, self.model), rng)


@dataclass(eq=False)
class Networks:
    """Both populations, and the oracles that add to them.

    `models` are the networks; attack i answers the mixture `targets[i]` of the first of them, and `answers[i]` is the field
    as it attacks it. `attacker` is the attacker's oracle, `defender` the defender's: it trains against `sparring` aimed at
    the mixtures that the attacker's strategies answer and, on half of the rows, at itself: a defence trained on the known
    attacks alone answers them a little better and loses nearly every point to the next. The game is solved on the
    scenario's first field of two; `held_out` is never used while it grows.
    """

    scenario: Any
    attacker: Attacker[Any]
    defender: Any
    sparring: Attacker[Any]
    seed: int
    models: list[Sequential] = field(default_factory=list)
    targets: list[Array] = field(default_factory=list)
    answers: list[Array] = field(default_factory=list)

    def start(self, first: dict[str, Defender]) -> Array:
        """Train the first networks and attack each of them: the losses (m, n, points) of the first game."""
        with one_blas_thread():
            for name, player in first.items():
                self.models.append(_network(player.move(self._view, self._stream("first", name)).model))
            for k in range(len(first)):
                self._add(np.eye(len(first))[k], ("first", k))
        return np.stack([[self.losses(model, answer) for model in self.models] for answer in self.answers])

    def attack(self, defender: Array, number: int) -> Array:
        """Attack the mixture, and every network with that."""
        with one_blas_thread():
            self._add(defender, ("attack", number))
            return np.stack([self.losses(model, self.answers[-1]) for model in self.models])

    def defend(self, attacker: Array, number: int) -> Array:
        """Train a network against the mixture of attacks and those on itself, and meet each that is known."""
        with one_blas_thread():
            used = _support(attacker)
            known = (Against(self.sparring, self.mixture(self.targets[i])) for i in used)
            shares = [(1 - _OWN) * share for share in _shares([attacker[i] for i in used])]
            mixed = roster.find("attackers", "mixture")(attackers=(*known, self.sparring), weights=(*shares, _OWN))
            player = replace(self.defender, sparring=mixed)
            self.models.append(_network(player.move(self._view, self._stream("defend", number)).model))
            return np.stack([self.losses(self.models[-1], answer) for answer in self.answers[: len(attacker)]])

    def meet(self) -> Array:
        """The newest attack on the newest network."""
        return self.losses(self.models[-1], self.answers[-1])

    def mixture(self, weights: Array) -> RandomisedEnsemble:
        """The networks as one that is drawn from; those with next to no weight are left out."""
        used = _support(weights)
        return RandomisedEnsemble(tuple(self.models[k] for k in used), tuple(_shares([weights[k] for k in used])))

    def losses(self, model: Any, answer: Array, of: Batch | None = None) -> Array:
        """The probability (points,) that each attacked row is misread."""
        return 1 - chances(model, Batch(answer, (of or self.points).y))

    @property
    def points(self) -> Batch:
        """The points that the game is played on while it grows."""
        return self.rules.deal.fields[0]

    @property
    def held_out(self) -> Batch:
        """The points that what was found is judged on."""
        return self.rules.deal.fields[1]

    @cached_property
    def rules(self) -> Any:
        """The scenario with two fields."""
        return replace(self.scenario, rounds=2)

    @property
    def _view(self) -> DefenderView:
        return DefenderView(self.rules.deal.train, self.rules.dataset.classes, self.rules.threat)

    def _add(self, target: Array, key: tuple[object, ...]) -> None:
        referee = Referee(self.rules.ball)
        shown = GradientView(
            referee.copy(self.points), self.rules.ball, referee.shown(self.mixture(target), self.points.x)
        )
        answer = referee.judge(self.attacker.move(shown, self._stream(*key)), self.points)
        self.targets.append(target)
        self.answers.append(answer.x)

    def _stream(self, *key: object) -> Generator:
        return stream("psro", self.seed, self.scenario.content(), *key)


def suits(scenario: Scenario) -> None:
    """Raise InvalidValue unless an attacker of the scenario sees a network and the game can be dealt two fields."""
    if scenario.shows is not GradientView or not hasattr(scenario, "rounds"):
        raise InvalidValue(f"the game is grown where the attacker sees networks: white-box; got {scenario.name}")


def _network(model: Any) -> Sequential:
    if not isinstance(model, Sequential):
        raise InvalidValue(f"a defence that is grown is one network, which can be stored; got a {type(model).__name__}")
    return model


def _support(weights: Array) -> list[int]:
    return [int(k) for k in np.flatnonzero(np.asarray(weights) >= _SUPPORT)]


def _shares(weights: list[float]) -> list[float]:
    return [float(w) / float(sum(weights)) for w in weights]
