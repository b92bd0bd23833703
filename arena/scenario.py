"""A scenario is a script of turns: it yields whose turn it is and what that side sees, is sent the move, returns the rounds."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from arena.moves import Move
from arena.poisoning.view import PoisonView
from arena.referee import Round
from arena.regression import RegressionView
from arena.threat import ThreatModel
from arena.views import DefenderView, EvasionView


@dataclass(frozen=True, eq=False)
class AttackerTurn:
    """It is the attacker's turn, and this is what it sees.

    With `teaches`, a poisoner is given the defender's recipe: what the defender would deploy in that view on other rows.
    """

    view: EvasionView | PoisonView
    teaches: DefenderView | None = None


@dataclass(frozen=True, eq=False)
class DefenderTurn:
    """It is the defender's turn, and this is what it sees; `again` replays the random stream of an earlier turn, by number."""

    view: DefenderView | RegressionView
    again: int | None = None


Turn: TypeAlias = AttackerTurn | DefenderTurn
Script: TypeAlias = Generator[Turn, Move, tuple[Round, ...]]


class Scenario(Protocol):
    """The rules of one game, a frozen dataclass of its parameters."""

    @property
    def name(self) -> str:
        """The scenario's name in tables."""

    @property
    def threat(self) -> ThreatModel:
        """What the attacker may change and what it sees."""

    @property
    def shows(self) -> type[EvasionView] | type[PoisonView]:
        """The view that the attacker gets; where the defender's is no DefenderView, `trains` names it."""

    @property
    def lineup(self) -> Mapping[str, Sequence[str]]:
        """Who plays from the command line unless told otherwise, specs by group.

        An absent group means all at home but those named as "bench".
        """

    def turns(self) -> Script:
        """One match, from the first turn to the rounds scored."""

    def content(self) -> str:
        """A digest of the parameters and the data: what every stream of a match is keyed by."""
