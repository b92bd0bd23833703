"""The match: one scenario, one attacker, one defender, one seed; a loop that hands turns to players and moves to the script."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from arena.engine.threads import one_blas_thread
from arena.moves import Deployment, Move
from arena.players import AnyAttacker, Defender, seat, taught
from arena.referee import Round
from arena.scenario import DefenderTurn, Scenario, Turn
from arena.sitting import Sitting

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
    seat(defender, taught(scenario), scenario.name)
    seconds = opening.seconds if opening else 0.0
    with one_blas_thread():
        sitting = Sitting(scenario, seed)
        while (turn := sitting.turn) is not None:
            if opening and sitting.number == 0:
                move: Move = opening.move
            else:
                started = time.perf_counter()
                move = sitting.answer(attacker, defender)
                seconds += time.perf_counter() - started if isinstance(turn, DefenderTurn) else 0
            sitting.send(move)
            if watch:
                watch(turn, move)
    return Outcome(sitting.rounds, seconds)


def open_match(scenario: Scenario, defender: Defender, seed: int = 0) -> Opening | None:
    """The defender's first move where the scenario begins with it; None where the attacker moves first. Mismatch as by `play`."""
    seat(defender, taught(scenario), scenario.name)
    with one_blas_thread():
        sitting = Sitting(scenario, seed)
        if not isinstance(sitting.turn, DefenderTurn):
            return None
        started = time.perf_counter()
        move = sitting.answer(None, defender)
    assert isinstance(move, Deployment)  # a defender's turn was answered
    return Opening(move, time.perf_counter() - started)
