import numpy as np
import pytest
from numpy.random import default_rng

from arena import Ball, Batch, EvasionView, GradientView, LabelView, ScoreView, ThreatModel
from arena.engine import CrossEntropy, Margin, mlp
from arena.views import DefenderView

MODEL = mlp((5, 8, 3), rng=default_rng(0))
FIELD = Batch(default_rng(1).random((7, 5)), np.arange(7) % 3)
VIEW = GradientView(FIELD, Ball(0.1), MODEL)


def test_views_are_types_ordered_by_what_they_show():
    assert issubclass(GradientView, ScoreView)
    assert issubclass(ScoreView, LabelView)
    assert issubclass(LabelView, EvasionView)
    assert {hasattr(EvasionView, name) for name in ("labels", "scores", "model", "gradient")} == {False}
    assert [hasattr(LabelView, name) for name in ("labels", "scores", "model", "gradient")] == [
        True,
        False,
        False,
        False,
    ]
    assert [hasattr(ScoreView, name) for name in ("labels", "scores", "model", "gradient")] == [
        True,
        True,
        False,
        False,
    ]
    assert {hasattr(GradientView, name) for name in ("labels", "scores", "model", "gradient")} == {True}


def test_labels_and_scores_are_the_targets():
    np.testing.assert_array_equal(VIEW.scores(FIELD.x), MODEL.logits(FIELD.x))
    np.testing.assert_array_equal(VIEW.labels(FIELD.x), MODEL.logits(FIELD.x).argmax(axis=1))
    assert VIEW.model is MODEL


@pytest.mark.parametrize("loss", [None, Margin()])
def test_the_gradient_is_the_losses_in_the_rows(loss):
    h, x = 1e-3, FIELD.x.astype(np.float64)
    exact = MODEL.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in MODEL.params))

    def value(rows):
        return (loss or CrossEntropy()).value_and_grad(exact.logits(rows), FIELD.y)[0]

    steps = [h * np.eye(5)[[k]] for k in range(5)]
    numeric = np.stack([(value(x + step) - value(x - step)) / (2 * h) for step in steps], axis=1)
    np.testing.assert_allclose(VIEW.gradient(FIELD.x, FIELD.y, loss), numeric, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("whole", [True, False])
def test_a_view_has_a_ball_of_its_own(whole):
    ball = Ball(0.1)
    view = EvasionView(FIELD, ball) if whole else EvasionView(FIELD, ball).only(np.arange(2))
    object.__setattr__(view.ball, "radius", 9.0)
    threat = DefenderView(FIELD, 3, ThreatModel(ball=ball)).threat
    object.__setattr__(threat.ball, "radius", 9.0)
    assert ball == Ball(0.1)
