import numpy as np
import pytest
from numpy.random import default_rng
from scipy.special import ndtr
from scipy.stats import binom

from arena.certify.smoothing import ABSTAIN, Smoothing
from arena.engine import Dense, Sequential


def half_plane(offset: float) -> Sequential:
    """Class 1 where x_0 > offset: under noise the exact radius is the distance to the border."""
    return Sequential((Dense.of(np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([offset, 0.0])),))


def test_the_radius_is_below_the_truth_and_near_it():
    x = np.array([[0.5, 0.5], [0.3, 0.0], [0.9, 1.0]])
    voted = Smoothing(sigma=0.5, samples=20_000).certify(half_plane(0.0), x, default_rng(0))
    assert (voted.labels == 1).all()
    assert (voted.radii <= x[:, 0]).all()
    np.testing.assert_allclose(voted.radii, x[:, 0], rtol=0.1)
    assert voted.certified(np.ones(3, int), 0.4).tolist() == [True, False, True]
    assert not voted.certified(np.zeros(3, int), 0.0).any()


def test_where_the_vote_is_open_it_abstains():
    voted = Smoothing(sigma=0.5).certify(half_plane(0.5), np.array([[0.5, 0.5]]), default_rng(0))
    assert voted.labels.tolist() == [ABSTAIN]
    assert voted.radii.tolist() == [0.0]


@pytest.mark.parametrize(("samples", "most"), [(100, 1.50), (1_000, 2.46), (10_000, 3.20)])
def test_the_largest_radius_is_that_of_a_unanimous_vote(samples, most):
    assert Smoothing(sigma=1.0, samples=samples).radius(samples) == pytest.approx(most, abs=0.01)
    assert Smoothing(sigma=1.0, samples=9).radius(9) == 0.0  # too few to say anything at alpha = 0.001


def test_the_count_overstates_the_share_no_more_often_than_promised():
    player, p = Smoothing(sigma=1.0, samples=50, alpha=0.05), 0.8
    counts = np.arange(51)
    claimed = np.array([ndtr(player.radius(int(k))) for k in counts])
    assert binom.pmf(counts, 50, p)[claimed > p].sum() <= 0.05
