"""A match of alternating rounds, driven by knobs: the defender trains on and deploys, the attacker answers, both see it."""

from __future__ import annotations

from typing import Any

import numpy as np

from arena.engine.arrays import Array
from arena.engine.threads import one_blas_thread
from arena.envs.acting import begun
from arena.envs.hosts import rules
from arena.envs.knobs import KNOBS, Recipe, Workshop, attack, knobs
from arena.errors import InvalidValue
from arena.learning.attempts import Attempts, Look
from arena.moves import Deployment
from arena.referee import hits
from arena.scenario import AttackerTurn, DefenderTurn
from arena.sitting import Sitting
from arena.streams import stream
from arena.views import DefenderView, GradientView


class Rounds:
    """One white-box match of two rounds or more; `accuracies` holds what the referee's fields came to, a number a round."""

    def __init__(self, scenario: str, data: str, rehearsal: bool, workshop: Workshop) -> None:
        self.game: Any = rules(scenario, data, rehearsal)
        if not issubclass(self.game.shows, GradientView) or self.game.rounds < 2:
            raise InvalidValue(
                f"a match in turns needs two rounds or more with gradients in sight, as white-box(rounds=5); {scenario} shows"
                f" a {self.game.shows.__name__} in {self.game.rounds}"
            )
        self._workshop = workshop
        self.length = 5 + 2 * KNOBS
        self._sitting: Sitting | None = None

    @property
    def sitting(self) -> Sitting:
        """The match in progress; ResetNeeded before the first."""
        return begun(self._sitting)

    @one_blas_thread()
    def begin(self, seed: int) -> None:
        """A new match."""
        self._sitting, self.accuracies = Sitting(self.game, seed), list[float]()
        self._knobs = {side: np.zeros(KNOBS, np.float32) for side in ("attacker", "defender")}
        self._clean = 0.0
        self._picture: tuple[GradientView, Array] | None = None
        self._network = self._workshop.begun(self._defenders_view(), self._stream("network"))

    @property
    def ended(self) -> bool:
        """Whether the match is over."""
        return self.sitting.turn is None

    @one_blas_thread()
    def defend(self, action: Array) -> None:
        """Train on by the knobs, and deploy."""
        view = self._defenders_view()
        self._knobs["defender"] = np.clip(knobs(action), -1, 1)
        self._network = self._workshop.trained(
            self._network, Recipe.of(self._knobs["defender"]), view, self._stream("training")
        )
        self._clean = float(hits(self._network, view.train).mean())
        self.sitting.send(Deployment(self._network))

    @one_blas_thread()
    def attack(self, action: Array) -> None:
        """Attack by the knobs."""
        view = self._attackers_view()
        self._knobs["attacker"] = np.clip(knobs(action), -1, 1)
        self._attacked(attack(self._knobs["attacker"], view, self._stream("attack")))

    @one_blas_thread()
    def attack_by(self, attacker: Any) -> None:
        """Attack by a player's move."""
        self._attacked(self.sitting.answer(attacker, None))

    def observe(self) -> Array:
        """What both sides know, in [-1, 1]: the last accuracies, the share of rounds played, whose turn it is, the knobs."""
        last = [*self.accuracies[-2:], 0.0, 0.0][:2]
        turn = 1.0 if isinstance(self.sitting.turn, AttackerTurn) else -1.0
        numbers = [2 * v - 1 for v in (self._clean, *last, len(self.accuracies) / self.game.rounds)]
        return np.concatenate([[*numbers, turn], *self._knobs.values()], dtype=np.float32)

    def _attacked(self, move: Any) -> None:
        view = self._attackers_view()
        self._picture = view, move.x
        self.sitting.send(move)
        turn = self.sitting.turn
        if turn is None:
            self.accuracies.append(self.sitting.rounds[-1].attacked_accuracy)
        else:
            assert isinstance(turn, DefenderTurn) and isinstance(turn.view, DefenderView)  # white box alternates
            self.accuracies.append(float(hits(view.model, turn.view.faced[-1]).mean()))

    def _defenders_view(self) -> DefenderView:
        turn = self.sitting.turn
        if not isinstance(turn, DefenderTurn) or not isinstance(turn.view, DefenderView):
            raise InvalidValue("it is not the defender's turn: reset() begins a new match")
        return turn.view

    def _attackers_view(self) -> GradientView:
        turn = self.sitting.turn
        if not isinstance(turn, AttackerTurn) or not isinstance(turn.view, GradientView):
            raise InvalidValue("it is not the attacker's turn: reset() begins a new match")
        return turn.view

    def _stream(self, purpose: str) -> np.random.Generator:
        return stream(purpose, self.sitting.seed, self.game.content(), self.sitting.number)

    def told(self) -> str:
        """The accuracies so far, as text."""
        played = ", ".join(f"{a:.3f}" for a in self.accuracies) or "none yet"
        return f"{self.game.name} on {self.game.dataset.name}: accuracy under attack, round by round: {played}"

    def drawn(self) -> Array:
        """The first example of the last attack that misled the network, else the first: pixels (h, w, 3) uint8."""
        from arena.envs.pictures import drawn

        ball, classes = self.game.threat.ball, self.game.dataset.classes
        state = Attempts(1, self.game.deal.train.x.shape[1], classes, ball, steps=1)
        if self._picture is not None:
            view, attacked = self._picture
            z, _ = Look(view, classes)(attacked, view.field.y, np.arange(len(attacked)))
            row = int((z.argmax(axis=1) != view.field.y).argmax())
            state.place(slice(None), view.field.x[row : row + 1], view.field.y[row : row + 1], z[row : row + 1], None)
            state.x[:] = attacked[row]
        return drawn(state, self.game.dataset.shape)
