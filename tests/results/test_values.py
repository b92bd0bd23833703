import numpy as np
import pytest
from scipy.stats import beta, binomtest

from results import Payoff, bounds, cell_intervals, clopper_pearson, crossed_exact, doubt, payoff, resampled, solve
from results.game.minimax import vertex
from results.game.values import _values


def sampled(truth, rng, *, seeds=3, points=200, wobble=0.0):
    """A payoff played at random: the true matrix, its rows shifted by seed."""
    shares = np.clip(np.asarray(truth)[:, :, None] + wobble * rng.normal(size=(*np.shape(truth), seeds)), 0, 1)
    losses = rng.random((*shares.shape, points)) < shares[..., None]
    rows, columns = np.shape(truth)
    names = tuple(f"a{i}" for i in range(rows)), tuple(f"d{j}" for j in range(columns))
    return Payoff(losses.mean(axis=(2, 3)), *names, losses=losses)


@pytest.mark.parametrize("hits", [0, 1, 37, 99, 100])
def test_clopper_and_pearson_as_scipy_has_it(hits):
    ours, theirs = clopper_pearson(hits, 100), binomtest(hits, 100).proportion_ci()
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    alone = crossed_exact(np.arange(100)[None] < hits)
    assert (alone.low, alone.high) == pytest.approx((theirs.low, theirs.high), abs=1e-3)


def test_a_cell_of_one_seed_is_drawn_as_jeffreys_says():
    losses = (np.arange(100) < 30)[None, None, None]
    drawn = resampled(Payoff([[0.3]], ("a",), ("d",), losses=losses), 20000).ravel()
    assert np.quantile(drawn, [0.025, 0.5, 0.975]) == pytest.approx(
        beta(30.5, 70.5).ppf([0.025, 0.5, 0.975]), abs=0.005
    )


def test_a_share_of_one_is_not_taken_for_sure():
    sure = Payoff([[1.0]], ("a",), ("d",), losses=np.ones((1, 1, 1, 10), dtype=bool))
    assert 0.7 < doubt(sure).value.low < 0.9


def test_equal_cells_stay_equal_and_differences_are_paired():
    rng = np.random.default_rng(0)
    losses = np.repeat(rng.random((1, 1, 3, 400)) < 0.5, 3, axis=0)
    losses[2, 0, :, :4] = True
    drawn = resampled(Payoff(losses.mean(axis=(2, 3)), ("a", "b", "c"), ("d",), losses=losses))[:, :, 0]
    np.testing.assert_allclose(drawn[:, 1], drawn[:, 0], atol=1e-12)
    assert (drawn[:, 2] - drawn[:, 0]).std() < drawn[:, 0].std() / 4


@pytest.mark.parametrize("wobble", [0.0, 0.08])
@pytest.mark.parametrize("truth", [[[0.6, 0.2], [0.3, 0.5]], [[0.3, 0.6], [0.1, 0.2]]], ids=["mixed", "pure"])
def test_the_interval_of_the_value_holds_it_as_often_as_it_says(truth, wobble):
    rng = np.random.default_rng(1)
    played = [sampled(truth, rng, wobble=wobble) for _ in range(100)]
    value = solve(truth).value
    held = np.mean([(d := doubt(p, 200).value).low <= value <= d.high for p in played])
    assert held >= 0.9
    wide = [bounds(p) for p in played]
    assert np.mean([low <= value <= high for low, high in wide]) >= 0.95


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (6, 4)])
def test_values_in_bulk_are_values_one_by_one(shape):
    rng = np.random.default_rng(0)
    games = rng.random(shape) + 0.2 * rng.normal(size=(100, *shape))
    games[50:] = rng.integers(0, 3, size=(50, *shape))
    one_by_one = [p @ A @ q for A in games for p, q in [vertex(A)]]
    np.testing.assert_allclose(_values(games)[0], one_by_one, atol=1e-9)


def test_a_clear_cycle_has_no_pure_equilibrium_and_a_clear_winner_has_one():
    rng = np.random.default_rng(0)
    cycle, winner = sampled([[0.9, 0.1], [0.1, 0.9]], rng), sampled([[0.6, 0.9], [0.2, 0.5]], rng)
    assert doubt(cycle).pure < 0.01 and doubt(cycle).duality.low > 0.5
    assert doubt(cycle).secrecy.estimate == pytest.approx(solve(cycle).secrecy)
    assert doubt(winner).pure > 0.95 and doubt(winner).duality.high == 0


def test_who_sees_the_draw_cannot_be_mixed_against(tournament):
    table = tournament()
    unseen, asked, seen = (solve(payoff(table, information=what)) for what in ("none", "answers", "draw"))
    assert unseen.guaranteed == unseen.value and asked.guaranteed == seen.guaranteed == seen.min_max
    assert seen.secrecy == seen.min_max - seen.value
    low, high = seen.bounds
    assert low < seen.value < high
    for what, words in (("draw", "saw the drawn model"), ("answers", "questions to the drawn model")):
        told = " ".join(str(table.grid(information=what)).split())
        assert words in told and "min-max pure value is the one" in told


def test_cells_have_intervals_and_bare_matrices_none(tournament):
    played = payoff(tournament())
    cells = cell_intervals(played)
    np.testing.assert_allclose([[cell.estimate for cell in row] for row in cells], played.matrix)
    assert all(cell.low < cell.estimate < cell.high for row in cells for cell in row)
    bare = Payoff(np.eye(2), ("a", "b"), ("c", "d"))
    assert solve(bare).bounds is None
    for ask in (resampled, doubt, bounds, cell_intervals):
        with pytest.raises(ValueError, match="losses: a bare matrix has no outcomes"):
            ask(bare)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [({"information": "all"}, "one of .*not 'all'"), ({"losses": np.zeros((1, 2, 3, 4), bool)}, r"not \(1, 2, 3, 4\)")],
)
def test_a_payoff_says_what_is_wrong_with_it(wrong, complaint):
    with pytest.raises(ValueError, match=complaint):
        Payoff(np.eye(2), ("a", "b"), ("c", "d"), **wrong)
