"""How strong attackers by questions are on the digits, and how that grows with what they may ask."""

import itertools

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import NES, PGD, SPSA, Boundary, HopSkipJump, Noise, Portfolio, Square
from arena import Ball, Batch, GradientView
from arena.engine import Dense, Sequential
from arena.meter import Meter
from arena.referee import Referee, hits
from arena.views import LabelView, ScoreView

BALL = Ball(0.15)


@pytest.fixture(scope="module")
def attacked(digits, net):
    """The accuracy that an attacker leaves, asking at most `budget` questions about each of `n` test digits."""

    def accuracy(attacker, budget, *, ball=BALL, n=300, kind=ScoreView, field=None, model=None):
        field, model = field or digits[1][:n], model or net
        meter = Meter(model, len(field), budget)
        view = kind(field, ball, meter.answers(), shadow=digits[0] if model is net else None)
        move = attacker.move(view, default_rng(0))
        return hits(model, Referee(ball).judge(move, field)).mean()

    return accuracy


@pytest.fixture(scope="module")
def white_box(digits, net):
    def accuracy(attacker, *, ball=BALL, n=300):
        field = digits[1][:n]
        move = attacker.move(GradientView(field, ball, net), default_rng(0))
        return hits(net, Referee(ball).judge(move, field)).mean()

    return accuracy


def test_square_comes_within_two_points_of_white_box_pgd(attacked, white_box):
    assert attacked(Square(), 2000, n=500) <= white_box(PGD(steps=100), n=500) + 0.02


@pytest.mark.parametrize("ball", [Ball(0.15), Ball(0.8, "l2"), Ball(3.0, "l1")], ids=lambda ball: ball.norm)
@pytest.mark.parametrize(
    "attacker", [HopSkipJump(), Boundary(), Square(), NES(), SPSA()], ids=lambda a: type(a).__name__
)
def test_more_questions_fool_more_rows(attacker, ball, attacked):
    kind = LabelView if isinstance(attacker, HopSkipJump | Boundary) else ScoreView
    few, some, many = (attacked(attacker, budget, ball=ball, n=150, kind=kind) for budget in (60, 240, 720))
    assert many < some < few


def test_who_sees_more_fools_more(attacked, white_box):
    seen = [
        white_box(Portfolio()),
        attacked(Square(), 1000),
        attacked(HopSkipJump(), 1000, kind=LabelView),
        attacked(Boundary(), 1000, kind=LabelView),
        white_box(Noise()),
    ]
    assert all(more <= less + 0.01 for more, less in itertools.pairwise(seen))  # a point: three rows
    assert seen[-1] - seen[-2] > 0.5


@pytest.mark.parametrize("norm", ["l2", "l1"])
def test_estimated_gradients_come_near_the_true_ones(norm, attacked, white_box):
    ball = Ball(0.8 if norm == "l2" else 3.0, norm)
    assert attacked(NES(), 1000, ball=ball) <= white_box(PGD(steps=100), ball=ball) + 0.1


def test_momentum_helps_a_walk_along_the_border(attacked):
    paper, ours = (attacked(HopSkipJump(momentum=m), 300, kind=LabelView) for m in (0.0, 0.75))
    assert ours < paper - 0.05


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize(
    "attacker", [HopSkipJump(), Boundary(), Square(shape=(20,)), NES()], ids=lambda a: type(a).__name__
)
def test_a_plane_is_crossed_just_beyond_its_distance_and_not_before(attacker, norm, attacked):
    rng = default_rng(1)
    w = rng.standard_normal((20, 1)) * 2.0 ** rng.integers(-2, 3, (20, 1))
    model = Sequential((Dense(np.hstack([-w, w]).astype(np.float32), np.zeros(2, np.float32)),))
    x = (0.5 + 0.02 * rng.standard_normal((40, 20))).astype(np.float32)
    x -= ((x @ w - 0.05 * np.linalg.norm(w)) / (w * w).sum() * w.T).astype(np.float32)
    field, dual = Batch(x, np.ones(40, int)), {"linf": 1, "l2": 2, "l1": np.inf}[norm]
    distance = float((x @ w).mean() / np.linalg.norm(w.ravel(), dual))
    kind = LabelView if isinstance(attacker, HopSkipJump | Boundary) else ScoreView
    below, beyond = (
        attacked(attacker, 500, ball=Ball(share * distance, norm), kind=kind, field=field, model=model)
        for share in (0.99, 2)
    )
    assert below == 1
    assert beyond < 0.1
