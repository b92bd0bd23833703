"""Regions cover the picture, moves do what they say, and a batch of examples does not mix."""

import numpy as np
import pytest

from arena import Ball
from arena.learning.attempts import Attempts, margins
from arena.learning.regions import Regions


@pytest.mark.parametrize(
    ("shape", "grid"), [((8, 8), 4), ((28, 28), 4), ((9, 7), 2), ((6, 6, 3), 3), ((1, 30), 4), ((5, 5), 1)]
)
def test_the_regions_of_a_scale_cover_every_feature_once(shape, grid):
    masks = Regions(shape, grid).masks
    assert masks.shape[1] == np.prod(shape)
    fine = masks[: len(masks) - (len(masks) - grid**2 if grid > 1 else 0)]
    assert (fine.sum(axis=0) == 1).all()
    if grid > 1:
        assert (masks[len(fine) :].sum(axis=0) == 1).all()


def placed(n=3):
    rng = np.random.default_rng(0)
    state = Attempts(n, 64, 10, Ball(0.1), steps=5, actions=40)
    x, z = rng.uniform(0.2, 0.8, (n, 64)).astype(np.float32), rng.normal(size=(n, 10)).astype(np.float32)
    state.place(slice(None), x, z.argmax(axis=1), z, None)
    return state, x, z


def test_a_move_sets_its_region_to_an_end_of_the_ball_and_nothing_else():
    state, x, _ = placed()
    craft = Regions((8, 8))
    moved = craft.propose(state, slice(None), np.array([0, 1, 33]))
    for row, (region, sign) in enumerate([(0, -1), (0, 1), (16, 1)]):
        d = moved[row] - x[row]
        assert np.allclose(d[craft.masks[region]], sign * 0.1, atol=1e-6)
        assert (d[~craft.masks[region]] == 0).all()


def test_what_gains_is_kept_and_what_does_not_is_remembered_as_tried():
    state, x, z = placed(2)
    craft = Regions((8, 8))
    proposed = craft.propose(state, slice(None), np.array([4, 4]))
    answer = z.copy()
    answer[0, state.y[0]] -= 0.5  # a gain for the first, a loss for the second
    answer[1, state.y[1]] += 0.5
    gain = craft.settle(state, slice(None), np.array([4, 4]), proposed, answer, None)
    assert gain == pytest.approx([0.5, 0])
    assert np.array_equal(state.x[0], proposed[0])
    assert np.array_equal(state.x[1], x[1])
    assert state.tried[1].nonzero()[0].tolist() == [4]
    assert state.used.tolist() == [1, 1]


def test_an_observation_is_flat_and_in_range_and_its_length_is_known():
    state, _, _ = placed()
    craft = Regions((8, 8))
    seen = craft.observe(state)
    assert seen.shape == (3, craft.length(10))
    assert seen.dtype == np.float32
    assert np.abs(seen).max() <= 1


def test_a_margin_is_above_zero_exactly_where_argmax_errs_ties_included():
    z = np.array([[1, 1, 0], [1, 1, 0], [0, 2, 1], [3, 0, 3]], np.float32)
    y = np.array([0, 1, 1, 2])
    assert ((margins(z, y) > 0) == (z.argmax(axis=1) != y)).all()
