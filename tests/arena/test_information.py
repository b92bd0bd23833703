import pytest

from arena.information import information
from arena.poisoning.view import PoisonView
from arena.tampering import TamperView
from arena.views import EvasionView, GradientView, LabelView, ScoreView


@pytest.mark.parametrize(
    ("view", "known"),
    [
        (GradientView, "draw"),
        (TamperView, "draw"),
        (ScoreView, "answers"),
        (LabelView, "answers"),
        (EvasionView, "none"),
        (PoisonView, "none"),
    ],
)
def test_who_sees_the_model_knows_more_than_who_asks_it(view, known):
    assert information(view) == known
