"""One match in progress: whose turn it is, what the players at the table answer, and the rounds when it has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from numpy.random import Generator

from arena.batch import Batch
from arena.checks import whole
from arena.engine.model import Model
from arena.errors import IllegalMove
from arena.moves import Deployment, Move
from arena.players import AnyAttacker, Defender, spec
from arena.poisoning.view import PoisonView
from arena.referee import Round, witness
from arena.scenario import AttackerTurn, DefenderTurn, Scenario, Turn
from arena.streams import stream


class Sitting:
    """A script of turns being played; whoever drives it looks at `turn`, and sends a move, until `turn` is None.

    The match loop asks two players for their moves; an environment asks one, and lets its agent make the other's.
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        whole("seed", seed, least=0)
        self.scenario, self.seed, self.number = scenario, seed, 0
        self.rounds: tuple[Round, ...] = ()
        self._script = scenario.turns()
        self.turn: Turn | None = next(self._script)

    def send(self, move: Move) -> None:
        """Make the move of the side whose turn it is; IllegalMove where the referee refuses it."""
        try:
            self.turn = self._script.send(move)
        except StopIteration as end:
            self.turn, self.rounds = None, end.value
        self.number += 1

    def answer(self, attacker: AnyAttacker | None, defender: Defender | None) -> Move:
        """What the player whose turn it is would do, on the stream of this turn; None: nobody sits there."""
        if isinstance(self.turn, AttackerTurn):
            return self._attack(_seated(attacker), _taught(self.turn, defender))
        assert self.turn is not None, "the match has ended"
        return self._defend(_seated(defender), self.turn)

    def _attack(self, player: Any, turn: AttackerTurn) -> Move:
        untouched = witness(turn.view)
        move: Move = player.move(turn.view, self._stream("attacker", player, self.number))
        if not untouched():
            raise IllegalMove(
                f"{type(player).__name__} wrote into the arrays it was shown; copy them before changing them"
            )
        return move

    def _defend(self, player: Any, turn: DefenderTurn) -> Deployment:
        number = self.number if turn.again is None else turn.again
        return player.move(turn.view, self._stream("defender", player, number))

    def _stream(self, side: str, player: Any, number: int) -> Generator:
        return stream(side, self.seed, self.scenario.content(), spec(player), number)


def _seated(player: Any) -> Any:
    if player is None:
        raise ValueError("nobody sits where the turn is: send the move yourself")
    return player


def _taught(turn: AttackerTurn, defender: Defender | None) -> AttackerTurn:
    """The turn with the defender's recipe in its view, where the scenario gives it away."""
    shown = turn.teaches
    if shown is None or defender is None or not isinstance(turn.view, PoisonView):
        return turn

    def recipe(train: Batch, rng: Generator) -> Model:
        return defender.move(replace(shown, train=train), rng).model

    return AttackerTurn(replace(turn.view, recipe=recipe))
