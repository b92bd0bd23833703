"""What an attacker knows of the model it meets, in the words of a payoff table."""

from __future__ import annotations

from typing import Literal, TypeAlias

from arena.poisoning.view import PoisonView
from arena.views import EvasionView, LabelView

Information: TypeAlias = Literal["draw", "none"]


def information(shows: type[EvasionView] | type[PoisonView]) -> Information:
    """Say what a view reveals: `draw` if the attacker can see or ask the model that was drawn, else `none`."""
    return "draw" if issubclass(shows, LabelView) else "none"
