from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise, Strongest
from arena import Ball, IllegalMove, InvalidValue, Perturbation, evaluate
from arena.engine import Dense, Sequential


def test_it_judges_one_network(digits, net):
    test = digits[1][:200]
    ball = Ball(0.08)
    results = [evaluate(net, test.x, test.y, player, ball) for player in (Noise(), FGSM(), PGD(), Strongest())]
    accuracies = [one.attacked_accuracy for one in results]
    assert accuracies == sorted(accuracies, reverse=True)
    best = results[-1]
    assert best.clean_accuracy == np.mean(net.logits(test.x).argmax(axis=1) == test.y)
    np.testing.assert_array_equal(best.attacked, best.clean & (net.logits(best.x).argmax(axis=1) == test.y))
    assert best.flags.raised == ()
    assert str(best).startswith("200 points, linf 0.08: clean 9")


def test_the_same_seed_gives_the_same_answer(digits, net):
    test = digits[1][:50]
    one, again, other = (evaluate(net, test.x, test.y, PGD(steps=3), Ball(0.1), seed=s).x for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_an_illegal_move_is_refused(digits, net):
    @dataclass(frozen=True)
    class Leaves:
        def move(self, view, rng):
            return Perturbation(np.clip(view.field.x + 1.01 * view.ball.radius, 0, 1).astype(np.float32))

    with pytest.raises(IllegalMove, match="leaves the linf ball"):
        evaluate(net, digits[1].x[:5], digits[1].y[:5], Leaves(), Ball(0.1))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((0, 64)), np.zeros(0, int), "at least one row"),
        (np.zeros((2, 63)), np.zeros(2, int), "64 features"),
        (np.zeros((2, 64)), np.full(2, 10), "labels in 0..9"),
        (np.full((2, 64), 200.0), np.zeros(2, int), "divide pixels"),
        (np.full((2, 64), np.nan), np.zeros(2, int), "finite"),
    ],
)
def test_wrong_rows_are_refused_by_name(net, x, y, message):
    with pytest.raises(InvalidValue, match=message):
        evaluate(net, x, y, Noise(), Ball(0.1))


def test_flags_say_when_gradients_vanish(digits, net):
    test = digits[1][:100]
    last = net.layers[-1]
    loud = Sequential((*net.layers[:-1], Dense.of(last.W * np.float32(1e4), last.b * np.float32(1e4))))
    flags = evaluate(loud, test.x, test.y, Noise(), Ball(0.1)).flags
    assert flags.zero_gradients > 0.5
    assert "zero_gradients" in flags.raised
