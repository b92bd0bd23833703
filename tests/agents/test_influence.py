import numpy as np
import pytest

from agents.attackers.convex import Logistic
from agents.attackers.flips import LossMaximisingLabelFlip, RandomLabelFlip
from agents.attackers.influence import InfluencePoisoning
from agents.defenders import Plain
from arena import Ball, Contamination, InvalidValue, play
from arena.conformance import attacker_checks
from scenarios import Poisoning


@pytest.mark.parametrize("classes", [2, 4])
def test_the_influence_gradient_is_what_refits_show(classes):
    rng = np.random.default_rng(classes)
    x, y = rng.random((40, 5)), rng.integers(0, classes, 40)
    held_x, held_y = rng.random((15, 5)), rng.integers(0, classes, 15)
    poison, h = np.array([3, 17]), 1e-5
    model = Logistic.fitted(x, y, classes, 0.02)
    gradient = model.influence(x, y, held_x, held_y, poison)

    def refit(row, feature, change):
        moved = x.copy()
        moved[row, feature] += change
        return Logistic.fitted(moved, y, classes, 0.02, model.theta).loss(held_x, held_y)

    numeric = [[(refit(r, j, h) - refit(r, j, -h)) / (2 * h) for j in range(5)] for r in poison]
    assert np.abs(gradient - numeric).max() < 1e-9
    assert np.abs(gradient).max() > 1e-4


@pytest.mark.parametrize("check", list(attacker_checks(InfluencePoisoning(steps=2))), ids=str)
def test_it_keeps_the_rules(check):
    check()


def test_on_a_linear_defender_it_costs_more_than_flips_random_or_chosen():
    game = Poisoning(allowance=Contamination(0.1, may_edit=Ball(1.0)), train=400)
    linear = Plain(hidden=(), epochs=30, learning_rate=1e-2)
    flips = LossMaximisingLabelFlip(surrogate=linear)
    random, worst, influence = (
        np.mean([play(game, a, linear, seed=seed).attacked_accuracy for seed in (0, 1)])
        for a in (RandomLabelFlip(), flips, InfluencePoisoning())
    )
    assert influence < random - 0.03
    assert influence < worst


def test_it_needs_leave_to_edit():
    with pytest.raises(InvalidValue, match="may_edit is None"):
        play(Poisoning(train=200), InfluencePoisoning(), Plain(epochs=1))
