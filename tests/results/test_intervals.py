import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, t

from results import crossed, crossed_among, wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_in_the_literature(hits, trials, low, high):
    interval = wilson(hits, trials)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert interval.estimate == hits / trials


@given(st.integers(0, 200), st.integers(1, 200), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(hits, trials, level):
    hits = min(hits, trials)
    expected = binomtest(hits, trials).proportion_ci(level, method="wilson")
    interval = wilson(hits, trials, level)
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=1e-12)


@given(st.integers(1, 300), st.data())
def test_wilson_rises_with_the_hits_and_narrows_with_the_trials(trials, data):
    hits = data.draw(st.integers(0, trials - 1))
    lower, higher, longer = wilson(hits, trials), wilson(hits + 1, trials), wilson(4 * hits, 4 * trials)
    assert lower.low < higher.low and lower.high < higher.high
    assert longer.high - longer.low < lower.high - lower.low


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=4))
def test_the_interval_holds_the_mean_and_stays_in_range(outcomes):
    interval = crossed(outcomes)
    assert 0 <= interval.low <= interval.estimate == np.mean(outcomes) <= interval.high <= 1
    assert interval.low < interval.high


@given(st.integers(0, 50))
def test_one_seed_is_wilson_with_students_quantile(hits):
    student = float(2 * norm.cdf(t.ppf(0.975, 49)) - 1)
    interval, expected = crossed([[True] * hits + [False] * (50 - hits)]), wilson(hits, 50, student)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_the_same_outcomes_at_every_seed_count_once():
    outcomes = np.arange(40) % 3 == 0
    once, often = crossed([outcomes]), crossed([outcomes] * 6)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_seeds_that_differ_widen_the_interval():
    even = np.tile([True, False], (4, 50))
    uneven = np.zeros((4, 100), dtype=bool)
    uneven[:2] = True
    narrow, wide = crossed(even), crossed(uneven)
    assert narrow.estimate == wide.estimate == 0.5
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_nothing_lost_is_no_certainty():
    assert crossed(np.ones((5, 100), dtype=bool)).low == pytest.approx(crossed(np.ones((1, 100))).low)
    assert crossed(np.ones((5, 100))).low == pytest.approx(100 / (100 + t.ppf(0.975, 99) ** 2))


def coverage(seeds, points, point_spread, seed_spread, runs=1500):
    """Share of simulated tables whose interval holds the truth, in a model with an error of points and one of seeds."""
    rng = np.random.default_rng(seeds)
    hardness = rng.normal(1.0, point_spread, size=(runs, 1, points))
    skill = rng.normal(0.0, seed_spread, size=(runs, seeds, 1))
    truth = norm.cdf(1.0 / np.sqrt(1 + point_spread**2 + seed_spread**2))
    tables = hardness + skill + rng.normal(size=(runs, seeds, points)) > 0
    intervals = [crossed(table) for table in tables]
    return np.mean([interval.low <= truth <= interval.high for interval in intervals])


@pytest.mark.parametrize(
    ("seeds", "points", "point_spread", "seed_spread"),
    [
        (1, 200, 0.0, 0.0),
        (1, 200, 2.0, 0.0),
        (3, 200, 2.0, 0.15),
        (5, 200, 2.0, 0.3),
        (10, 100, 1.0, 0.3),
        (10, 300, 3.0, 0),
    ],
)
def test_95_percent_cover_95_percent(seeds, points, point_spread, seed_spread):
    assert 0.92 <= coverage(seeds, points, point_spread, seed_spread) <= 0.98


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=4))
def test_a_share_among_all_points_is_a_share(outcomes):
    among, plain = crossed_among(outcomes, np.ones((len(outcomes), 7), dtype=bool)), crossed(outcomes)
    assert (among.estimate, among.low, among.high) == pytest.approx((plain.estimate, plain.low, plain.high))


@given(st.lists(st.lists(st.sampled_from([0, 0.5, 1]), min_size=6, max_size=6), min_size=1, max_size=4), st.data())
def test_a_share_among_some_is_the_mean_of_the_seeds_shares(outcomes, data):
    rows = [data.draw(st.lists(st.booleans(), min_size=6, max_size=6)) for _ in outcomes]
    rows[0][0] = True
    shares = [np.mean(np.array(o)[row]) for o, row in zip(outcomes, np.array(rows), strict=True) if row.any()]
    interval = crossed_among(outcomes, rows)
    assert interval.estimate == pytest.approx(np.mean(shares))
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1
    ignored = np.where(rows, outcomes, 1.0)
    assert crossed_among(ignored, rows) == interval


def test_for_one_seed_the_points_that_do_not_count_might_not_be_there():
    rng = np.random.default_rng(0)
    among = np.arange(400) % 4 > 0
    hits = rng.random(400) < 0.3
    some, alone = crossed_among([hits], [among]), crossed([hits[among]])
    assert (some.low, some.high) == pytest.approx((alone.low, alone.high), abs=1e-12)


@pytest.mark.parametrize(("seeds", "points", "seed_spread"), [(1, 150, 0.0), (3, 200, 0.2), (8, 60, 0.4)])
def test_95_percent_cover_the_share_among_points_that_vary(seeds, points, seed_spread):
    rng, runs = np.random.default_rng(seeds), 1000
    hardness, skill = rng.normal(size=(runs, 1, points)), seed_spread * rng.normal(size=(runs, seeds, 1))
    right = rng.random((runs, seeds, points)) < norm.cdf(1 - hardness)
    fooled = rng.normal(size=right.shape) + hardness + skill > 0.5
    draws = rng.normal(size=400_000)  # P(fooled | right), by integration over the hardness
    weights = norm.cdf(1 - draws)
    truth = np.mean(weights * norm.cdf((draws - 0.5) / np.hypot(1, seed_spread))) / np.mean(weights)
    intervals = [crossed_among(f & r, r) for f, r in zip(fooled, right, strict=True)]
    assert 0.92 <= np.mean([interval.low <= truth <= interval.high for interval in intervals]) <= 0.98


@pytest.mark.parametrize("among", [[[False, False]], [[1, 0]], [[True]], [True, False]])
def test_a_share_needs_points_to_be_among(among):
    with pytest.raises(ValueError, match=r"among: booleans of shape \(1, 2\)"):
        crossed_among([[0, 1]], among)


@pytest.mark.parametrize("outcomes", [[], [[]], [1, 0], [[[1]]]])
def test_outcomes_have_seeds_and_points(outcomes):
    with pytest.raises(ValueError, match="shape \\(seeds, points\\)"):
        crossed(outcomes)


@pytest.mark.parametrize("call", [lambda: crossed([[2]]), lambda: crossed([[np.nan]]), lambda: wilson(3, 2)])
def test_shares_stay_in_range(call):
    with pytest.raises(ValueError, match=r"0 <= hits|outside"):
        call()


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_a_share(level):
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level)
