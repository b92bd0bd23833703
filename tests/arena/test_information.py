import pytest

from arena.information import information
from arena.poisoning.view import PoisonView
from arena.views import EvasionView, GradientView, LabelView, ScoreView


@pytest.mark.parametrize(
    ("view", "known"),
    [(GradientView, "draw"), (ScoreView, "draw"), (LabelView, "draw"), (EvasionView, "none"), (PoisonView, "none")],
)
def test_who_sees_or_asks_the_model_knows_which_was_drawn(view, known):
    assert information(view) == known
