"""The match: one scenario, one attacker, one defender, one seed; a loop that hands turns to players and moves to the script."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from numpy.random import Generator

from arena.batch import Batch
from arena.engine.model import Model
from arena.engine.threads import one_blas_thread
from arena.errors import IllegalMove
from arena.moves import Deployment, Move
from arena.players import AnyAttacker, Defender, seat, spec
from arena.poison import PoisonView
from arena.referee import Round, fingerprint
from arena.scenario import AttackerTurn, DefenderTurn, Scenario, Turn
from arena.streams import stream
from arena.views import DefenderView

Watch: TypeAlias = Callable[[Turn, Move], None]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a match came to: its rounds, and the seconds that the defender took in all (no part of any result)."""

    rounds: tuple[Round, ...]
    training_seconds: float = field(default=0.0, repr=False)

    @property
    def clean_accuracy(self) -> float:
        """Share of the last field read right, in [0, 1]."""
        return self.rounds[-1].clean_accuracy

    @property
    def attacked_accuracy(self) -> float:
        """Share of the last attacked field read right, in [0, 1]."""
        return self.rounds[-1].attacked_accuracy


@dataclass(frozen=True, eq=False)
class Opening:
    """A defender's first move, made before any attacker was seen, and the seconds that it took."""

    move: Deployment
    seconds: float


def play(
    scenario: Scenario,
    attacker: AnyAttacker,
    defender: Defender,
    *,
    seed: int = 0,
    opening: Opening | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Play one match; `watch` is called after every turn with the turn and its move, once the referee has judged it.

    Raises Mismatch if the attacker needs more than the scenario shows, and IllegalMove where the referee refuses a move.
    """
    seat(attacker, scenario.shows, scenario.name)
    seat(defender, DefenderView, scenario.name)
    seconds = opening.seconds if opening else 0.0
    with one_blas_thread():
        script = scenario.turns()
        turn, number = next(script), 0
        while True:
            if isinstance(turn, AttackerTurn):
                move: Move = _attack(scenario, attacker, _taught(turn, defender), seed, number)
            elif opening and number == 0:
                move = opening.move
            else:
                started = time.perf_counter()
                move = _defend(scenario, defender, turn, seed, number)
                seconds += time.perf_counter() - started
            try:
                following, ended = script.send(move), None
            except StopIteration as end:
                following, ended = turn, Outcome(end.value, seconds)
            if watch:
                watch(turn, move)
            if ended:
                return ended
            turn, number = following, number + 1


def open_match(scenario: Scenario, defender: Defender, seed: int = 0) -> Opening | None:
    """The defender's first move where the scenario begins with it; None where the attacker moves first."""
    turn = next(scenario.turns())
    if isinstance(turn, AttackerTurn):
        return None
    started = time.perf_counter()
    with one_blas_thread():
        move = _defend(scenario, defender, turn, seed, 0)
    return Opening(move, time.perf_counter() - started)


def _defend(scenario: Scenario, defender: Defender, turn: DefenderTurn, seed: int, number: int) -> Deployment:
    number = number if turn.again is None else turn.again
    return defender.move(turn.view, stream("defender", seed, scenario.content(), spec(defender), number))


def _taught(turn: AttackerTurn, defender: Defender) -> AttackerTurn:
    """The turn with the defender's recipe in its view, where the scenario gives it away."""
    shown = turn.teaches
    if shown is None or not isinstance(turn.view, PoisonView):
        return turn

    def recipe(train: Batch, rng: Generator) -> Model:
        return defender.move(replace(shown, train=train), rng).model

    return AttackerTurn(replace(turn.view, recipe=recipe))


def _attack(scenario: Scenario, attacker: AnyAttacker, turn: AttackerTurn, seed: int, number: int) -> Move:
    before = fingerprint(turn.view)
    player: Any = attacker  # play has seated it: its view is the scenario's
    move: Move = player.move(turn.view, stream("attacker", seed, scenario.content(), spec(attacker), number))
    if fingerprint(turn.view) != before:
        raise IllegalMove(
            f"{type(attacker).__name__} wrote into the arrays it was shown; copy them before changing them"
        )
    return move
