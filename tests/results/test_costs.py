import numpy as np
import pytest

from results import (
    Bimatrix,
    NoEquilibriumError,
    Payoff,
    ResultsTable,
    charged,
    correlated,
    payoff,
    query_costs,
    solve,
    training_costs,
)

CHICKEN = np.array([[6, 2], [7, 0]])


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

    monkeypatch.setattr("results.game.costs.linear_program", lambda *_, **__: Wrong)
    with pytest.raises(NoEquilibriumError, match="gap: at most"):
        correlated(Bimatrix(np.eye(2), -np.eye(2)))


def test_queries_and_training_have_their_price(play, tournament):
    pairs = [("a", "d", 2), ("a", "e", 4), ("b", "d", 6), ("b", "e", 8)]
    table = ResultsTable(
        tuple(play(who, whom, 0, "11", "01", queries=[n - 1, n + 1]) for who, whom, n in pairs),
        {("d", 0): 3.0, ("e", 0): 5.0},
    )
    game = payoff(table)
    asked, trained = query_costs(table, game, 0.01), training_costs(table, game, 0.1)
    np.testing.assert_allclose(asked, [[0.02, 0.04], [0.06, 0.08]])
    np.testing.assert_allclose(trained, [0.3, 0.5])
    found = correlated(charged(game, attacker_costs=asked, defender_costs=trained))
    np.testing.assert_allclose(
        found.joint, [[1, 0], [0, 0]], atol=1e-9
    )  # half the points are lost to all: the cheapest play
    with pytest.raises(ValueError, match="queries: not counted"):
        query_costs(tournament(), payoff(tournament()), 1.0)
    with pytest.raises(ValueError, match="training_seconds: not known for plain, dropout, mix"):
        training_costs(tournament(), payoff(tournament()), 1.0)
