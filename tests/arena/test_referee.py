import numpy as np
import pytest
from numpy.random import default_rng

from arena import Ball, Batch, Deployment, IllegalMove, Perturbation
from arena.engine import mlp
from arena.referee import Referee, hits

NORMS = ["l1", "l2", "linf"]
CENTER = Batch(0.3 + 0.4 * default_rng(0).random((6, 8), dtype=np.float32), np.arange(6) % 3)


def moved(ball: Ball, share: float, row: int = 4) -> np.ndarray:
    """The field with one row moved to `share` of the radius."""
    x = CENTER.x.astype(np.float64)
    x[row] += share * ball.radius * ball.direction(np.array([[3.0, -1, 2, 1, -1, 2, 1, -2]]))[0]
    return x.astype(np.float32)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("radius", [1e-3, 0.02, 0.2])
def test_a_move_is_legal_up_to_the_border_and_illegal_a_tenth_of_a_percent_beyond(norm, radius):
    ball = Ball(radius, norm)
    referee = Referee(ball)
    for share in (0.0, 0.5, 0.999):
        np.testing.assert_array_equal(referee.judge(Perturbation(moved(ball, share)), CENTER).x, moved(ball, share))
    with pytest.raises(
        IllegalMove, match=rf"row 4 leaves the {norm} ball of radius {radius:g} in \[0, 1\] by"
    ) as raised:
        referee.judge(Perturbation(moved(ball, 1.001)), CENTER)
    excess = float(str(raised.value).split(" by ")[1].split()[0])
    assert excess == pytest.approx(1e-3 * radius, rel=0.1, abs=2e-7)
    assert "end with view.ball.project(x, view.field.x)" in str(raised.value)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_the_ball_projects_is_legal(norm, dtype):
    rng = default_rng(1)
    for radius in (1e-4, 0.1, 3.0):
        ball = Ball(radius, norm)
        x = ball.project((CENTER.x + rng.standard_normal(CENTER.x.shape)).astype(dtype), CENTER.x)
        Referee(ball).judge(Perturbation(x), CENTER)


@pytest.mark.parametrize("value", [1.0001, -0.0001, 7.0])
def test_leaving_the_box_is_named(value):
    x = CENTER.x.copy()
    x[2, 3] = value
    with pytest.raises(IllegalMove, match=r"row 2 is outside the box of the linf ball of radius 9 in \[0, 1\] by"):
        Referee(Ball(9.0)).judge(Perturbation(x), CENTER)


def test_the_rule_that_is_named_is_the_one_with_the_excess():
    x = CENTER.x.copy()
    x[2, 3] = CENTER.x[2, 3] - np.float32(0.8)  # outside the box by at least 0.1, outside the ball by a rounding
    radius = float(CENTER.x[2, 3].astype(np.float64) - x[2, 3]) * (1 - 1e-7)
    with pytest.raises(IllegalMove, match="row 2 is outside the box of"):
        Referee(Ball(radius)).judge(Perturbation(x), CENTER)


def test_the_ball_is_named_where_it_is_left_by_more_than_the_box():
    x = CENTER.x.copy()
    x[2, 3] = -0.2  # 0.2 outside the box, and further outside the ball
    with pytest.raises(IllegalMove, match=r"row 2 leaves the linf ball of radius 0.1 in \[0, 1\] by"):
        Referee(Ball(0.1)).judge(Perturbation(x), CENTER)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_named_with_its_row(value):
    x = CENTER.x.copy()
    x[3, 1] = value
    with pytest.raises(IllegalMove, match="a perturbation is finite; row 3 holds NaN or infinity"):
        Referee(Ball(0.1)).judge(Perturbation(x), CENTER)


@pytest.mark.parametrize(
    ("x", "got"),
    [
        (CENTER.x[:5], r"\(5, 8\), float32"),
        (CENTER.x[:, :7], r"\(6, 7\), float32"),
        (CENTER.x[None], r"\(1, 6, 8\), float32"),
        (np.ones((6, 8), int), r"\(6, 8\), int64"),
        (np.ones((6, 8), bool), r"\(6, 8\), bool"),
        (np.ones((6, 8), complex), r"\(6, 8\), complex128"),
        (None, r"\(\), object"),
    ],
)
def test_a_wrong_shape_or_dtype_is_named(x, got):
    with pytest.raises(IllegalMove, match=r"the field's shape \(6, 8\) and is float; got " + got):
        Referee(Ball(0.1)).judge(Perturbation(x), CENTER)


@pytest.mark.parametrize("move", [None, CENTER.x, CENTER, Deployment(mlp((8, 3), rng=default_rng(0)))], ids=type)
def test_only_a_perturbation_is_an_attackers_answer(move):
    with pytest.raises(IllegalMove, match="an attacker answers with a Perturbation; got"):
        Referee(Ball(0.1)).judge(move, CENTER)


def test_the_true_labels_are_the_fields_and_never_the_attackers():
    answer = Referee(Ball(0.1)).judge(Perturbation(CENTER.x.copy()), CENTER)
    np.testing.assert_array_equal(answer.y, CENTER.y)


def test_a_perturbation_changed_after_it_was_judged_changes_nothing():
    x = CENTER.x.copy()
    answer = Referee(Ball(0.1)).judge(Perturbation(x), CENTER)
    x[...] = 9
    np.testing.assert_array_equal(answer.x, CENTER.x)


@pytest.mark.parametrize(
    "answer", [lambda z: z[:1], lambda z: z[:, :2], lambda z: z[:, 0]], ids=["rows", "columns", "flat"]
)
def test_logits_of_another_shape_are_refused_and_never_broadcast(answer):
    class Short:
        features, classes = 8, 3

        def logits(self, x):
            return answer(np.zeros((len(x), 3), np.float32))

    with pytest.raises(IllegalMove, match="must give a row of logits for each of 6 rows"):
        hits(Short(), CENTER)


def test_the_model_that_is_shown_is_not_the_one_that_scores():
    model = mlp((8, 5, 3), rng=default_rng(0))
    shown = Referee(Ball(0.1)).shown(model, np.zeros((4, 8), np.float32))
    object.__setattr__(shown, "layers", ())
    assert shown is not model
    assert len(model.layers) == 3
    assert not Referee(Ball(0.1)).shown(model, np.zeros((4, 8), np.float32)).layers[0].W.flags.writeable
