"""What an attacker knows of the model it meets, in the words of a payoff table."""

from __future__ import annotations

from typing import Literal

from arena.poisoning.view import PoisonView
from arena.views import EvasionView, LabelView


def information(shows: type[EvasionView] | type[PoisonView]) -> Literal["draw", "none"]:
    """Say what a view reveals: `draw` if the attacker can see or ask the model that was drawn, else `none`."""
    return "draw" if issubclass(shows, LabelView) else "none"
