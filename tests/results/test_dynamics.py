import numpy as np
import pytest

from results import (
    best_response,
    draw_dynamics,
    fictitious_play,
    regret_matching,
    replicator,
)
from results.game.dynamics import DYNAMICS

BIASED = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]])  # equilibrium (1/4, 1/2, 1/4) on both sides, value 0
CHICKEN = np.array([[6, 2], [7, 0]])


@pytest.mark.parametrize("name", DYNAMICS)
def test_a_trajectory_is_made_of_mixtures_and_its_gaps_are_theirs(name):
    A = np.random.default_rng(0).random((3, 5))
    t = DYNAMICS[name](A, 50)
    for mixtures, width in ((t.attacker, 3), (t.average_attacker, 3), (t.defender, 5), (t.average_defender, 5)):
        assert mixtures.shape == (50, width) and mixtures.min() >= 0
        np.testing.assert_allclose(mixtures.sum(axis=1), 1)
    assert t.gap[7] == pytest.approx((A @ t.defender[7]).max() - (t.attacker[7] @ A).min())
    assert t.average_gap[7] == pytest.approx((A @ t.average_defender[7]).max() - (t.average_attacker[7] @ A).min())


def test_alternating_best_response_cycles_where_fictitious_play_settles():
    cycling, settling = best_response(BIASED, 3000), fictitious_play(BIASED, 3000)
    np.testing.assert_array_equal(cycling.attacker[3:], cycling.attacker[:-3])
    assert cycling.gap.min() >= 2 and cycling.average_gap[-1] > 0.6
    assert settling.average_gap[-1] < 0.05
    np.testing.assert_allclose(settling.average_attacker[-1], [1 / 4, 1 / 2, 1 / 4], atol=0.03)


def test_averages_reach_the_equilibrium():
    for learn, gap in ((regret_matching, 1e-3), (replicator, 0.03)):
        learnt = learn(BIASED, 2000)
        assert learnt.average_gap[-1] < gap
        np.testing.assert_allclose(learnt.average_defender[-1], [1 / 4, 1 / 2, 1 / 4], atol=0.02)


def test_regret_matching_is_fast_on_random_games():
    rng = np.random.default_rng(0)
    assert max(regret_matching(rng.random((5, 5)), 5000).average_gap[-1] for _ in range(3)) < 1e-4


def test_replicator_orbits_keep_their_distance_and_their_average_does_not():
    equilibrium = np.array([1 / 4, 1 / 2, 1 / 4])
    learnt = replicator(BIASED, 1000)
    distance = -(equilibrium * np.log(learnt.attacker * learnt.defender)).sum(axis=1)
    assert np.ptp(distance) < 1e-4 and learnt.gap.min() > 0.1


def test_the_dynamics_are_a_picture(tmp_path):
    draw_dynamics(BIASED, tmp_path / "dynamics.png", rounds=100)
    assert (tmp_path / "dynamics.png").read_bytes().startswith(b"\x89PNG")
