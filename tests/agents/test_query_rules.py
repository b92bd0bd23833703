"""What holds for every attacker by questions: legal points, exact budgets, rows that do not know of each other."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import NES, SPSA, Boundary, HopSkipJump, Noise, Square
from arena import Ball, Batch, GradientView, IllegalMove
from arena.conformance import attacker_checks
from arena.meter import Answers, Meter
from arena.referee import Referee, hits
from arena.views import LabelView, ScoreView

SCORES, LABELS = (Square(), NES(), SPSA()), (HopSkipJump(), Boundary())
EVERYONE = SCORES + LABELS
BALLS = (Ball(0.12), Ball(0.6, "l2"), Ball(2.0, "l1"))
N = 60


def named(value):
    return value.norm if isinstance(value, Ball) else type(value).__name__


everyone = pytest.mark.parametrize("attacker", EVERYONE, ids=named)
balls = pytest.mark.parametrize("ball", BALLS, ids=named)


class Exact:
    """A network whose logits of a row are the same in any batch: float64, rounded far above its own rounding."""

    def __init__(self, net):
        self.weights = [(layer.W.astype(float), layer.b.astype(float)) for layer in net.layers if hasattr(layer, "W")]

    def logits(self, x):
        h = x.astype(float)
        for i, (W, b) in enumerate(self.weights):
            h = (np.maximum(h, 0) if i else h) @ W + b
        return h.round(5).astype(np.float32)


class Game:
    """One attack through a meter, every question noted: `log` holds the points, whose they are and how they were read."""

    def __init__(self, attacker, model, field, ball, budget, *, shadow=None, counts=None):
        self.field, self.ball, self.log = field, ball, []
        self.meter = Meter(model, len(field), budget)
        if counts is not None:
            self.meter.counts += counts
        kind = LabelView if isinstance(attacker, HopSkipJump | Boundary) else ScoreView
        self.move = attacker.move(kind(field, ball, self._noted(self.meter.answers()), shadow=shadow), default_rng(3))
        self.answer = Referee(ball).judge(self.move, field)
        self.right = hits(model, self.answer)

    def _noted(self, door):
        def scores(x, rows):
            z = door.scores(x, rows)
            self.log.append((x.copy(), rows.copy(), z.argmax(axis=1)))
            return z

        def labels(x, rows):
            read = door.labels(x, rows)
            self.log.append((x.copy(), rows.copy(), read))
            return read

        return Answers(labels, scores, door.left)


@pytest.fixture(scope="module")
def field(digits):
    return digits[1][:N]


@everyone
@balls
def test_every_question_is_legal_counted_and_about_a_row_that_stands(attacker, ball, net, digits, field):
    game = Game(attacker, Exact(net), field, ball, 90, shadow=digits[0])
    done, sent = np.zeros(N, bool), np.zeros(N, int)
    for x, rows, read in game.log:
        assert not done[rows].any()
        excess = ball.violation(x, field.x[rows])
        assert x.dtype == np.float32
        assert (np.clip(x, 0, 1) == x).all()
        assert attacker in LABELS or not excess.any()
        np.add.at(sent, rows, 1)
        done[rows[(read != field.y[rows]) & (excess == 0)]] = True
    np.testing.assert_array_equal(game.meter.counts, sent)
    np.testing.assert_array_equal(game.meter.counts[~done], 90 if attacker in SCORES else sent[~done])
    assert sent.max() <= 90
    assert not game.right[done].any()
    assert not ball.violation(game.move.x, field.x).any()


@everyone
@pytest.mark.parametrize("budget", [1, 2, 3, 5, 17])
def test_it_keeps_the_best_it_has_when_questions_run_out(attacker, budget, net, digits, field):
    game = Game(attacker, net, field, Ball(0.12), budget, shadow=digits[0])
    misread = ~hits(net, field)
    assert game.meter.counts.max() <= budget
    assert (game.meter.counts[misread] == 1).all()
    assert not game.right[misread].any()
    assert (game.move.x[~misread] != field.x[~misread]).any(axis=1).all()


@everyone
def test_its_own_limit_counts_where_the_view_leaves_more_or_has_none(attacker, net, field):
    short = replace(attacker, queries=12)
    assert Game(short, net, field, Ball(0.05), 40).meter.counts.max() == 12
    assert Game(short, net, field, Ball(0.05), 7).meter.counts.max() <= 7
    game = Game(short, net, field, Ball(0.05), None)
    assert game.meter.counts.max() == 12
    assert np.isfinite(short.move(GradientView(field, Ball(0.05), net), default_rng(0)).x).all()


@everyone
@balls
def test_a_row_knows_nothing_of_the_others(attacker, ball, net, digits, field):
    model, rng = Exact(net), default_rng(0)
    whole = Game(attacker, model, field, ball, 120, shadow=digits[0])
    for rows in (rng.permutation(N), rng.permutation(N)[:17], np.array([4]), np.array([7, 7, 1])):
        part = Game(attacker, model, field[rows], ball, 120, shadow=digits[0])
        np.testing.assert_array_equal(part.move.x, whole.move.x[rows])
        np.testing.assert_array_equal(part.meter.counts, whole.meter.counts[rows])


@everyone
@balls
def test_outcomes_survive_the_rounding_of_other_batches(attacker, ball, net, digits):
    field = digits[1][:200]
    whole = Game(attacker, net, field, ball, 150, shadow=digits[0])
    for rows in (default_rng(1).permutation(200), default_rng(2).permutation(200)[:70]):
        part = Game(attacker, net, field[rows], ball, 150, shadow=digits[0])
        np.testing.assert_array_equal(part.right, whole.right[rows])


@everyone
def test_rows_with_different_budgets_do_not_disturb_each_other(attacker, net, digits, field):
    model, spent = Exact(net), default_rng(0).integers(0, 100, N)
    spent[:3] = 100, 99, 98
    together = Game(attacker, model, field, Ball(0.1), 100, shadow=digits[0], counts=spent)
    assert (together.meter.counts <= 100).all()
    for row in (0, 1, 2, 10, 11):
        one = np.array([row])
        alone = Game(attacker, model, field[one], Ball(0.1), 100, shadow=digits[0], counts=spent[one])
        np.testing.assert_array_equal(alone.move.x[0], together.move.x[row])


@pytest.mark.parametrize("logits", [np.nan, 0.0, np.inf], ids=str)
@everyone
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_broken_logits_end_in_a_legal_answer(attacker, logits, field):
    class Broken:
        def logits(self, x):
            return np.full((len(x), 10), logits, np.float32)

    game = Game(attacker, Broken(), field, Ball(0.1), 30)
    assert game.meter.counts.max() <= 30


@everyone
@balls
def test_it_beats_noise(attacker, ball, net, digits):
    field = digits[1][:150]
    noise = hits(net, Referee(ball).judge(Noise().move(GradientView(field, ball, net), default_rng(0)), field))
    assert Game(attacker, net, field, ball, 300, shadow=digits[0]).right.mean() < noise.mean() - 0.15


def test_the_game_itself_catches_a_cheat(net, field):
    class Leaves(Square):
        def move(self, view, rng):
            return type(super().move(view, rng))(np.clip(view.field.x + 0.5, 0, 1))

    with pytest.raises(IllegalMove):
        Game(Leaves(), net, field, Ball(0.1), 5)


@pytest.mark.parametrize("attacker", [replace(a, queries=60) for a in EVERYONE], ids=named)
def test_it_keeps_the_rules_of_the_house(attacker):
    for check in attacker_checks(attacker):
        check()


@pytest.mark.parametrize("attacker", LABELS, ids=named)
def test_it_finds_a_start_where_no_row_of_another_class_is_shown(attacker, net, digits, field):
    nothing = Game(attacker, net, field, Ball(0.12), 300)
    rows = digits[0].x[:40]
    mislabelled = Batch(rows, net.logits(rows).argmax(axis=1) * 0 + 3)
    for game in (nothing, Game(attacker, net, field, Ball(0.12), 300, shadow=mislabelled)):
        assert game.right.mean() < 0.8
