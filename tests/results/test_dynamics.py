import numpy as np
import pytest

from results import (
    Bimatrix,
    NoEquilibriumError,
    Payoff,
    best_response,
    charged,
    correlated,
    draw_dynamics,
    fictitious_play,
    regret_matching,
    replicator,
    solve,
)
from results.dynamics import DYNAMICS

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


def test_chicken_has_a_better_correlated_equilibrium_than_any_mixed_one():
    found = correlated(Bimatrix(CHICKEN, CHICKEN.T))
    np.testing.assert_allclose(found.joint, [[1 / 2, 1 / 4], [1 / 4, 0]], atol=1e-9)
    assert found.attacker_value == pytest.approx(5.25) and found.gap < 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_without_costs_the_value_is_that_of_the_zero_sum_game(seed):
    A = np.random.default_rng(seed).random((4, 6))
    payoff = Payoff(A, tuple("abcd"), tuple("efghij"))
    found = correlated(charged(payoff))
    assert found.attacker_value == pytest.approx(solve(A).value, abs=1e-9)
    assert found.defender_value == pytest.approx(-found.attacker_value)


@pytest.mark.parametrize("seed", range(5))
def test_costs_of_ones_own_strategy_leave_a_nash_equilibrium(seed):
    rng = np.random.default_rng(seed)
    payoff = Payoff(rng.random((4, 5)), tuple("abcd"), tuple("efghi"))
    game = charged(payoff, attacker_costs=0.3 * rng.random((4, 1)), defender_costs=0.3 * rng.random(5))
    joint = correlated(game).joint
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    assert (game.attacker @ q).max() - p @ game.attacker @ q < 1e-8
    assert (p @ game.defender).max() - p @ game.defender @ q < 1e-8


@pytest.mark.parametrize("seed", range(10))
def test_nobody_gains_by_disobeying(seed):
    A, B = np.random.default_rng(seed).integers(-3, 4, size=(2, 4, 5))
    found = correlated(Bimatrix(A, B))
    for i in range(4):
        assert (found.joint[i] @ (A - A[i]).T).max() <= found.gap + 1e-12
    for j in range(5):
        assert (found.joint[:, j] @ (B - B[:, [j]])).max() <= found.gap + 1e-12
    assert found.gap < 1e-8


def test_what_is_no_game_is_refused():
    payoff = Payoff(np.eye(2), ("a", "b"), ("c", "d"))
    with pytest.raises(ValueError, match=r"defender_costs: finite and of a shape that spreads to \(2, 2\), not \(3,\)"):
        charged(payoff, defender_costs=[1, 2, 3])
    with pytest.raises(ValueError, match="both of one shape"):
        correlated(Bimatrix(np.eye(2), np.eye(3)))


def test_a_wrong_answer_is_reported(monkeypatch):
    class Wrong:
        x = np.array([1.0, 0, 0, 0])

    monkeypatch.setattr("results.costs.linear_program", lambda *_, **__: Wrong)
    with pytest.raises(NoEquilibriumError, match="gap: at most"):
        correlated(Bimatrix(np.eye(2), -np.eye(2)))
