"""Verdicts on data whose truth is known, both ways."""

import math

import numpy as np
import pytest

from results import Criterion, Interval, crossed, difference, exactly, mean, rank_correlation, verdict_of

RNG = np.random.default_rng


def outcomes(p, seed=0, seeds=3, points=500):
    """Hits at every seed, each point with a difficulty of its own, right with probability p overall."""
    rng = RNG(seed)
    hard = rng.beta(2 * p, 2 * (1 - p), points)
    return rng.random((seeds, points)) < hard


@pytest.mark.parametrize(("truth", "mark"), [(0.9, "yes"), (0.1, "no")])
def test_a_criterion_far_from_its_bound_is_decided_as_the_truth_is(truth, mark):
    for seed in range(50):
        share = crossed(outcomes(truth, seed))
        assert Criterion("share", share, above=0.5).mark == mark
        assert Criterion("share", share, below=0.5).mark == {"yes": "no", "no": "yes"}[mark]


def test_at_the_bound_a_criterion_is_met_no_more_often_than_the_level_allows():
    met = [Criterion("share", crossed(outcomes(0.5, seed)), above=0.5).met for seed in range(600)]
    assert np.mean(met) < 0.025 + 3 * math.sqrt(0.025 * 0.975 / 600)


@pytest.mark.parametrize(
    ("interval", "met", "mark"),
    [
        (Interval(0.5, 0.4, 0.6), True, "yes"),
        (Interval(0.5, 0.1, 0.6), False, "open"),
        (Interval(0.9, 0.8, 1.0), False, "no"),
        (Interval(0.1, 0.0, 0.3), False, "no"),
        (Interval(math.nan, math.nan, math.nan), False, "open"),
    ],
)
def test_a_criterion_with_two_bounds_is_met_between_them_alone(interval, met, mark):
    criterion = Criterion("share", interval, above=0.3, below=0.7)
    assert (criterion.met, criterion.mark) == (met, mark)


def test_the_verdict_counts_the_criteria_that_are_met():
    met, not_met = Criterion("a", exactly(2.0), above=1.0), Criterion("b", exactly(2.0), below=1.0)
    assert verdict_of([met, met]) == "holds"
    assert verdict_of([met, not_met]) == "holds in part"
    assert verdict_of([not_met, not_met]) == "does not hold here"
    unknown = Criterion("d", Interval(0.5, 0.1, 0.9), above=0.5)
    assert verdict_of([unknown, unknown]) == "undecided here"
    assert verdict_of([unknown, not_met]) == "does not hold here"
    assert verdict_of([unknown, met]) == "holds in part"
    with pytest.raises(ValueError, match="at least one criterion"):
        verdict_of([])
    with pytest.raises(ValueError, match="needs a bound"):
        Criterion("c", exactly(1.0))


def test_a_number_that_was_not_sampled_is_written_without_an_interval():
    assert Criterion("a", exactly(2.0), above=1.0, unit="").cells == ("a", "2", "> 1", "yes")
    assert Criterion("a", Interval(0.5, 0.25, 0.75), below=1.0).cells[1] == "50.0 % (25.0 % to 75.0 %)"


@pytest.mark.parametrize("spread_of_seeds", [0.0, 0.5])
def test_the_mean_of_numbers_lies_in_its_interval_as_often_as_promised(spread_of_seeds):
    inside = []
    for seed in range(600):
        rng = RNG(seed)
        values = (
            2.0 + rng.normal(size=(1, 60)) + spread_of_seeds * rng.normal(size=(4, 1)) + 0.3 * rng.normal(size=(4, 60))
        )
        inside.append(abs(mean(values).estimate - 2) <= mean(values).high - mean(values).estimate)
    assert np.mean(inside) > 0.95 - 3 * math.sqrt(0.05 * 0.95 / 600)


def test_a_difference_is_paired_over_the_points():
    base = outcomes(0.7, 1)
    worse = base & ~outcomes(0.2, 2)
    found = difference(base, worse)
    assert found.estimate == pytest.approx(base.mean() - worse.mean())
    unpaired = crossed(base)
    assert found.low > 0
    assert found.high - found.low < 2 * (unpaired.high - unpaired.low)


def test_a_difference_of_equal_outcomes_is_not_known_for_certain():
    found = difference(outcomes(0.7), outcomes(0.7))
    assert found.low < 0 == found.estimate < found.high


def test_a_rank_correlation_tells_related_from_unrelated():
    rng = RNG(0)
    x = rng.normal(size=20)
    related, unrelated = (rank_correlation(x, y) for y in (np.exp(x) + 0.1 * rng.normal(size=20), rng.normal(size=20)))
    assert related.low > 0.5
    assert unrelated.low < 0 < unrelated.high
    assert rank_correlation(x, x**3).estimate == pytest.approx(1)
    with pytest.raises(ValueError, match="at least 4"):
        rank_correlation([1, 2, 3], [1, 2, 3])
