import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import null_space

from results import Payoff, alpha_rank, alpha_rank_symmetric, elo, rank, sinks, unexplained
from results.rankings.fixation import fixation, stationary
from results.rankings.methods import METHODS, mean_score, nash_average
from results.rankings.ratings import elo_of
from results.rankings.ties import tie_groups

ROCK_PAPER_SCISSORS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
PENNIES = np.array([[1, -1], [-1, 1]])


def named(matrix, losses=None):
    rows, columns = np.shape(matrix)
    return Payoff(matrix, tuple(f"a{i}" for i in range(rows)), tuple(f"d{j}" for j in range(columns)), losses=losses)


def sampled(truth, rng, points=400):
    losses = rng.random((*np.shape(truth), 1, points)) < np.asarray(truth)[..., None, None]
    return named(losses.mean(axis=(2, 3)), losses)


@pytest.mark.parametrize(
    ("wins", "ratings"),
    [
        ([[0, 4, 2], [1, 0, 2], [3, 3, 0]], [146.532, 0, 146.532]),
        ([[0, 4.5, 2], [1.5, 0, 2], [3, 3, 0]], [128.019, 0, 136.530]),
        ([[0, 10], [1, 0]], [400 * np.log10(10.01 / 1.01), 0]),
    ],
)
def test_elo_of_solved_tables(wins, ratings):
    assert elo(wins) == pytest.approx(ratings, abs=1e-3)


def test_elo_finds_the_strengths_that_made_the_table():
    attackers, defenders = np.array([900.0, 400.0, 0.0]), np.array([700.0, 300.0])
    payoff = named(1 / (1 + 10 ** ((defenders - attackers[:, None]) / 400)))
    found = np.concatenate(elo_of(payoff))
    wins = np.zeros((5, 5))
    wins[:3, 3:], wins[3:, :3] = 1000 * payoff.matrix, 1000 * (1 - payoff.matrix).T
    assert elo(wins, smoothing=0) == pytest.approx(np.r_[attackers, defenders], abs=0.01)
    assert found.argmax() == 0 and unexplained(payoff) < 1e-3
    assert unexplained(named((PENNIES + 1) / 2)) == pytest.approx(1)


def test_alpha_rank_of_solved_games():
    assert alpha_rank_symmetric(ROCK_PAPER_SCISSORS, alpha=1) == pytest.approx([1 / 3] * 3)
    for alpha in (None, 0.1, 100):
        np.testing.assert_allclose(alpha_rank(PENNIES, alpha=alpha).profiles, 0.25)
    r, t, p, s, delta, eps = 1, 2, 0, -1, 4, 0.25
    commitment = [
        [r - eps / 2, r - eps, 0, s + delta - eps, r - eps],
        [r, r, s, s, s],
        [0, t, p, p, p],
        [t - delta, t, p, p, p],
        [r, t, p, p, p],
    ]  # Han, Pereira, Santos and Lenaerts, "Good agreements make good friends", Scientific Reports 3, 2013
    found = alpha_rank_symmetric(commitment, alpha=0.1, population=20)
    assert found == pytest.approx([0.40966787, 0.07959841, 0.20506998, 0.08505983, 0.2206039], abs=5e-9)


def test_alpha_rank_ends_where_better_replies_end():
    ranked = alpha_rank([[1, 2], [0, 5]])
    assert ranked.attackers == pytest.approx([1, 0], abs=1e-4) and ranked.defenders == pytest.approx([1, 0], abs=1e-4)
    assert sinks([[1, 2], [0, 5]]) == [[(0, 0)]]
    assert sinks(PENNIES) == [[(0, 0), (0, 1), (1, 0), (1, 1)]]


def test_coordination_has_two_sinks_and_is_not_a_crash():
    both = np.eye(2)
    assert sinks(both, both) == [[(0, 0)], [(1, 1)]]
    np.testing.assert_allclose(alpha_rank(both, both, alpha=1).profiles, both / 2, atol=1e-12)
    with pytest.raises(ValueError, match="ends in 2 sets of states, not in one; see sinks"):
        alpha_rank(both, both, alpha=100)


def test_strong_selection_stays_at_the_only_equilibrium():
    np.testing.assert_array_equal(alpha_rank([[1, 2], [0, 5]], alpha=1e4).profiles, [[1, 0], [0, 0]])


@given(st.floats(-1e4, 1e4), st.integers(2, 100))
def test_fixation_is_a_probability_and_a_duel(u, m):
    there, back = fixation(u, m), fixation(-u, m)
    assert 0 <= there <= 1 and back <= 1
    if abs(u) * m < 500:  # the ratio of both is e^((m - 1) u)
        assert np.log(there / back) == pytest.approx((m - 1) * u, abs=1e-6)


def test_elimination_finds_the_stationary_distribution():
    P = np.random.default_rng(0).dirichlet(np.ones(6), size=6)
    theirs = null_space(P.T - np.eye(6))[:, 0]
    np.testing.assert_allclose(stationary(P), theirs / theirs.sum(), atol=1e-12)


def test_copies_move_the_mean_and_not_the_nash_average():
    A = np.array([[0.9, 0.1, 0.4], [0.2, 0.8, 0.5], [0.4, 0.5, 0.3]])
    copied = np.vstack([A, np.repeat(A[:1], 10, axis=0)])
    (_, mean), (_, mean_copied) = mean_score(named(A), A), mean_score(named(A), copied)
    (nash_a, nash), (nash_b, nash_copied) = nash_average(named(A), A), nash_average(named(A), copied)
    assert np.argsort(mean).tolist() != np.argsort(mean_copied).tolist()
    np.testing.assert_allclose(nash_copied, nash, atol=1e-9)
    np.testing.assert_allclose(nash_b[:3], nash_a, atol=1e-9)
    np.testing.assert_allclose(nash_b[3:], nash_a[0], atol=1e-9)


def test_copies_do_not_move_the_nash_average_where_there_are_many_equilibria():
    rng = np.random.default_rng(0)
    for _ in range(40):
        A = rng.integers(0, 4, size=rng.integers(2, 6, size=2)) / 3
        rows, columns = (rng.integers(n, size=2) for n in A.shape)
        copied = np.vstack([A, A[rows]])
        copied = np.hstack([copied, copied[:, columns]])
        (attackers, defenders), (both_a, both_d) = nash_average(named(A), A), nash_average(named(copied), copied)
        np.testing.assert_allclose(both_a, np.r_[attackers, attackers[rows]], atol=1e-7)
        np.testing.assert_allclose(both_d, np.r_[defenders, defenders[columns]], atol=1e-7)


def test_letters_join_those_that_cannot_be_told_apart():
    rng = np.random.default_rng(0)
    centres = np.array([1.0, 5.0, 4.95, 4.0, 5.05])
    draws = centres + rng.normal(size=(1000, 5)) * [0.1, 0.1, 0.1, 0.1, 0.1]
    assert tie_groups(centres, draws) == ["c", "a", "a", "b", "a"]
    chain = np.array([3.0, 2.5, 2.0])
    assert tie_groups(chain, chain + rng.normal(size=(1000, 3)) * 0.2) == ["a", "ab", "b"]
    assert tie_groups(np.ones(2), np.ones((100, 2))) == ["a", "a"]


@pytest.mark.parametrize(("points", "letters"), [(1, ["a", "a"]), (5, ["a", "a"]), (6, ["a", "b"]), (30, ["a", "b"])])
@pytest.mark.parametrize("seeds", [1, 3])
def test_a_few_test_points_tell_nobody_apart(points, letters, seeds):
    losses = np.zeros((1, 2, seeds, 500), bool)
    losses[:, :, :, :100] = True
    losses[0, 1, :, 100 : 100 + points] = True
    payoff = Payoff(losses.mean(axis=(2, 3)), ("pgd",), ("first", "second"), losses=losses)
    assert [one.ties for one in rank(payoff).defenders] == letters


@pytest.mark.parametrize("method", METHODS)
def test_every_ranking_has_intervals_and_finds_a_clear_order(method):
    truth = np.array([[0.9, 0.6, 0.3], [0.7, 0.4, 0.1], [0.5, 0.2, 0.0]])
    ranking = rank(sampled(truth, np.random.default_rng(0)), method, draws=100)
    assert (ranking.defenders[0].name, ranking.attackers[0].name) == ("d2", "a0")
    assert ranking.defenders[0].ties == ranking.attackers[0].ties == "a"
    for one in (*ranking.attackers, *ranking.defenders):
        assert one.score.low <= one.score.estimate <= one.score.high
    if method in ("mean", "worst case", "Elo"):
        assert [one.ties for one in ranking.defenders] == ["a", "b", "c"]


def test_twins_are_tied_by_every_method():
    rng = np.random.default_rng(0)
    payoff = sampled(np.array([[0.5, 0.5, 0.9], [0.4, 0.4, 0.9]]), rng)
    for method in METHODS:
        ties = {one.name: one.ties for one in rank(payoff, method, draws=100).defenders}
        assert set(ties["d0"]) & set(ties["d1"]), method


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"method: one of mean, worst case, .* not 'votes'"):
        rank(named(PENNIES), "votes")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: alpha_rank([[np.nan, 1], [0, 1]]), r"\[0, 0\] is nan"),
        (lambda: alpha_rank(np.zeros((0, 2))), "at least one of each"),
        (lambda: alpha_rank(np.eye(2), population=1), "population: two or more"),
        (lambda: alpha_rank(np.eye(2), alpha=np.nan), "alpha: a selection intensity above 0"),
        (lambda: alpha_rank(np.eye(2), np.eye(3)), "both of one shape"),
        (lambda: alpha_rank_symmetric(np.ones((2, 3)), alpha=1.0), "a square matrix"),
        (lambda: sinks([[np.inf, 1.0]]), r"\[0, 0\] is inf"),
        (lambda: elo(np.zeros((3, 3))), "must have met somebody"),
        (lambda: elo([[0, np.nan], [1, 0]]), "finite numbers of 0 or more"),
        (lambda: elo([]), "players, players"),
        (lambda: elo([[0, 3], [0, 0]], smoothing=0), "above 0 where somebody never lost"),
        (lambda: elo([[0, 3], [1, 0]], smoothing=-1), "smoothing"),
    ],
)
def test_what_cannot_be_ranked_is_refused_by_name(ask, message):
    with pytest.raises(ValueError, match=message):
        ask()
