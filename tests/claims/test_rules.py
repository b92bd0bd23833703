"""Verdict rules on outcomes made so that the answer is known, both ways."""

import numpy as np
import pytest

from arena.claims import holes, lipschitz, spectral, tradeoffs
from results import verdict_of

RNG = np.random.default_rng


def hits(share, seed=0):
    """Three seeds of 400 points, right with that probability."""
    return RNG(seed).random((3, 400)) < share


@pytest.mark.parametrize(
    ("stand", "clean", "marks"),
    [
        ({"plain": 0.1, "1": 0.35, "adversarial-training": 0.65}, {"plain": 0.98, "1": 0.88}, ["yes", "yes", "yes"]),
        ({"plain": 0.35, "1": 0.1, "adversarial-training": 0.65}, {"plain": 0.98, "1": 0.88}, ["no", "yes", "yes"]),
        ({"plain": 0.1, "1": 0.65, "adversarial-training": 0.35}, {"plain": 0.98, "1": 0.88}, ["yes", "no", "yes"]),
        ({"plain": 0.1, "1": 0.35, "adversarial-training": 0.65}, {"plain": 0.7, "1": 0.98}, ["yes", "yes", "no"]),
    ],
)
def test_slightly_more_robust_and_restrictive_is_between_plain_and_adversarial_training(stand, clean, marks):
    attacked, before = ({name: hits(share, k) for k, (name, share) in enumerate(by.items())} for by in (stand, clean))
    assert [criterion.mark for criterion in spectral.judged(before, attacked, "1")] == marks


def test_spectral_normalisation_that_does_as_well_as_plain_is_no_more_robust():
    same = hits(0.5)
    by = {"plain": same, "1": same, "adversarial-training": same}
    assert verdict_of(spectral.judged(by, by, "1")) == "undecided here"


@pytest.mark.parametrize(("own", "other", "mark"), [(0.7, 0.5, "yes"), (0.5, 0.7, "no")])
def test_training_for_the_ball_of_the_attack_pays_or_does_not(own, other, mark):
    assert tradeoffs.gained("L∞ 0.2", hits(own, 1), hits(other, 2)).mark == mark


def test_training_for_a_ball_that_another_training_covers_is_not_said_to_pay():
    assert tradeoffs.gained("L∞ 0.1", hits(0.7), hits(0.7)).mark == "open"


def test_radii_are_compared_that_are_smaller_and_larger_than_the_one_trained_for():
    assert min(tradeoffs.ELSEWHERE) < 1 < max(tradeoffs.ELSEWHERE)


def test_what_is_attained_of_a_bound_is_the_share_of_the_worst_point_of_each_seed():
    rises = np.array([[1.0, 2.0], [0.5, 4.0], [2.0, 0.0]])
    found = lipschitz.attained(np.array([4.0, 8.0, 4.0]), rises)
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)
    wide = lipschitz.attained(np.array([2.0, 8.0, 8.0]), rises)
    assert wide.estimate == pytest.approx((1 + 1 / 2 + 1 / 4) / 3)
    assert wide.low < wide.estimate < wide.high
    assert lipschitz.attained(np.ones(2), np.zeros((2, 3))).high == 0  # a network that answers one thing


@pytest.mark.parametrize(("plain", "normalised", "mark"), [(0.4, 0.2, "yes"), (0.2, 0.4, "no"), (0.3, 0.3, "open")])
def test_a_smaller_constant_is_of_use_where_the_loss_rises_less(plain, normalised, mark):
    rises = [rise + 0.1 * RNG(k).normal(size=(3, 400)) for k, rise in enumerate((plain, normalised))]
    assert lipschitz.falls(*rises).mark == mark


def test_a_bound_that_an_attack_goes_beyond_fails_the_check(monkeypatch):
    from arena.claims.bench import Bench

    monkeypatch.setattr(lipschitz, "rise", lambda bench, net, ball: np.ones((2, 5)))
    monkeypatch.setattr(lipschitz, "rules", lambda net, x: ())
    for slope, mark in ((100.0, "yes"), (1.0, "no")):
        monkeypatch.setattr(lipschitz, "constants", lambda bench, net, slope=slope: np.full(2, slope))
        found = lipschitz.measure(Bench("digits", 2))
        assert found.criteria[1].mark == mark
    assert "plain 353.6 (353.6–353.6)" in found.found


@pytest.mark.parametrize("radius", holes.BALLS)
@pytest.mark.parametrize("exponential", [True, False])
def test_holes_are_judged_at_both_separations_by_how_samples_grow(radius, exponential):
    rng, found, tried = RNG(0), {}, holes.BALLS[radius]
    for d in tried.dimensions:
        for k in tried.samples:
            growth = d if exponential else 4 * np.log2(d)
            found[d, k] = rng.random((3, 4000)) < 1 / (1 + np.exp(8 + 0.5 * np.log2(k) - growth))
    remain, rate, better, middle = holes.judged(radius, found, found)
    assert remain.met and rate.met
    assert (better.met, middle.met) == (exponential, exponential)
    assert all(criterion.quantity.startswith(f"{radius:g} a: ") for criterion in (remain, rate, better, middle))


def test_holes_that_draws_would_find_are_no_evidence():
    tried = holes.BALLS[0.3]
    found = {(d, k): hits(0.5, 31 * d + k) for d in tried.dimensions for k in tried.samples}
    assert not holes.judged(0.3, found, {cell: hit & False for cell, hit in found.items()})[0].met
