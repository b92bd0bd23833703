"""What the issue promises on the digits at L∞ 0.15, for one seed."""

import pytest

from agents.attackers import PGD, Noise
from agents.defenders import AdversarialTraining, Ensemble, Plain
from arena import play
from arena.match import open_match
from scenarios import WhiteBox

GAME = WhiteBox()


@pytest.fixture(scope="module")
def plain():
    return open_match(GAME, Plain(), 0)


def test_the_default_game_is_500_points_at_linf_015():
    assert (GAME.ball.norm, GAME.ball.radius, GAME.ball.box) == ("linf", 0.15, (0.0, 1.0))
    assert len(GAME.deal.fields[0]) == 500


def test_the_plain_net_is_accurate_and_noise_costs_it_two_points_at_most(plain):
    outcome = play(GAME, Noise(), Plain(), opening=plain)
    assert outcome.clean_accuracy >= 0.96
    assert outcome.attacked_accuracy >= outcome.clean_accuracy - 0.02


def test_pgd_leaves_the_plain_net_a_tenth_at_most(plain):
    assert play(GAME, PGD(), Plain(), opening=plain).attacked_accuracy <= 0.10
    assert play(GAME, PGD(steps=40, restarts=5), Plain(), opening=plain).attacked_accuracy <= 0.10


def test_adversarial_training_keeps_62_percent_under_the_strongest_attack():
    outcome = play(GAME, PGD(steps=40, restarts=5), AdversarialTraining())
    assert outcome.attacked_accuracy >= 0.62
    assert outcome.clean_accuracy >= 0.93
    assert outcome.training_seconds > 0


def test_an_ensemble_of_plain_nets_is_no_defence():
    outcome = play(GAME, PGD(), Ensemble(members=(Plain(),) * 2))
    assert outcome.clean_accuracy >= 0.96
    assert outcome.attacked_accuracy <= 0.30
