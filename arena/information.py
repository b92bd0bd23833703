"""What an attacker knows of the model it meets, in the words of a payoff table."""

from __future__ import annotations

from typing import Literal, TypeAlias

from arena.poisoning.view import PoisonView
from arena.regression import RegressorView
from arena.tampering import TamperView
from arena.views import EvasionView, GradientView, LabelView

Information: TypeAlias = Literal["draw", "answers", "none"]


def information(shows: type[EvasionView] | type[PoisonView]) -> Information:
    """Say what a view reveals: `draw` if the model that was drawn, `answers` if it can only be asked, else `none`."""
    if issubclass(shows, GradientView | TamperView | RegressorView):
        return "draw"
    return "answers" if issubclass(shows, LabelView) else "none"
