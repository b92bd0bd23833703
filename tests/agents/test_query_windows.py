"""Square's windows, its shapes and its parameters."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import NES, Boundary, HopSkipJump, Square
from agents.attackers.windows import Coordinates, Image, layout
from arena import Ball, InvalidValue
from arena.learning.attempts import margins
from arena.meter import Meter
from arena.views import ScoreView


@pytest.mark.parametrize("side", [1, 2, 3, 5])
@pytest.mark.parametrize("image", [Image(5, 7), Image(7, 5, 3)], ids=str)
def test_a_square_is_a_square_and_reaches_every_border(image, side):
    u = default_rng(0).random((4000, image.draws(side)), dtype=np.float32)
    features, high = image.window(u, np.full(4000, side))
    assert features.shape == high.shape == (4000, side * side * image.channels)
    pixel, channel = np.divmod(features, image.channels)
    row, column = np.divmod(pixel, image.width)
    for along, length in ((row, image.height), (column, image.width)):
        assert ((along.max(axis=1) - along.min(axis=1)) == side - 1).all()
        assert set(along.min(axis=1)) == set(range(length - side + 1))
    assert all(len(set(window)) == len(window) for window in features[:50])
    for c in range(image.channels):
        signs = high[channel == c].reshape(4000, -1)
        assert (signs == signs[:, :1]).all()
        assert 0.45 < signs[:, 0].mean() < 0.55


@pytest.mark.parametrize(("where", "features"), [(Image(6, 6, 2), 72), (Coordinates(40), 40)], ids=str)
def test_a_window_is_the_same_beside_larger_ones(where, features):
    small, large = 2, 5
    u = default_rng(1).random((10, where.draws(large)), dtype=np.float32)
    side = np.where(np.arange(10) % 2, small, large)
    together, signs = where.window(u, side)
    for i in range(10):
        alone, own = where.window(u[i : i + 1, : where.draws(int(side[i]))], side[i : i + 1])
        x, y = np.full(features, 9), np.full(features, 9)
        x[together[i]], y[alone[0]] = signs[i], own[0]
        np.testing.assert_array_equal(x, y)
        pattern = where.pattern(side, side > 0)[i]
        assert set(pattern) == set(where.pattern(side[i : i + 1], side[i : i + 1] > 0)[0])


def test_coordinates_are_drawn_evenly():
    features, high = Coordinates(9).window(default_rng(0).random((9000, 8), dtype=np.float32), np.full(9000, 4))
    shares = np.bincount(features.ravel(), minlength=9) / features.size
    assert abs(shares - 1 / 9).max() < 0.01
    assert 0.48 < high.mean() < 0.52


@pytest.mark.parametrize(("side", "least"), [(0.0001, 1), (0.0001, 3), (0.5, 1), (1.0, 2)])
def test_windows_stay_inside_small_images(side, least):
    for image in (Image(2, 9), Image(1, 1), Image(3, 3), Coordinates(2)):
        assert 1 <= image.side(np.array([side]), least)[0] <= 9
        image.window(np.full((1, image.draws(9)), 0.99999994, np.float32), image.side(np.array([side]), least))


def test_patterns_hold_as_much_above_as_below():
    pattern = Image(8, 8).pattern(np.array([4, 4]), np.array([False, True])).reshape(2, 4, 4)
    np.testing.assert_allclose(pattern.sum(axis=(1, 2)), 0, atol=1e-6)
    np.testing.assert_array_equal(pattern[0], pattern[1].T)
    assert (pattern[0, :2] > 0).all()


@pytest.mark.parametrize(
    ("features", "given", "wanted"),
    [
        (64, None, Image(8, 8)),
        (784, None, Image(28, 28)),
        (3072, None, Image(32, 32, 3)),
        (13, None, Coordinates(13)),
        (64, (64,), Coordinates(64)),
        (12, (2, 3, 2), Image(2, 3, 2)),
    ],
)
def test_the_shape_is_guessed_or_given(features, given, wanted):
    assert layout(features, given) == wanted


def test_a_wrong_shape_and_wrong_parameters_are_named(digits, net):
    view = ScoreView(digits[1][:2], Ball(0.1), Meter(net, 2, 9).answers())
    with pytest.raises(InvalidValue, match=r"shape \(7, 9\) has 63 features; the rows have 64"):
        Square(shape=(7, 9)).move(view, default_rng(0))
    for wrong in (
        lambda: Square(p=1.5),
        lambda: Square(queries=0),
        lambda: Square(shape=(0, 3)),
        lambda: Square(shape=(2, 2, 2, 2)),
        lambda: NES(pairs=0),
        lambda: NES(momentum=1),
        lambda: HopSkipJump(probes=0),
        lambda: Boundary(calibrate=1),
    ):
        with pytest.raises(InvalidValue, match=r"must be"):
            wrong()


def test_unordered_coordinates_do_nearly_as_well(digits, net):
    field, accuracy = digits[1][:100], {}
    for shape in ((8, 8), (64,)):
        view = ScoreView(field, Ball(0.15), Meter(net, 100, 500).answers())
        x = Square(shape=shape).move(view, default_rng(0)).x
        accuracy[shape] = (net.logits(x).argmax(axis=1) == field.y).mean()
    assert max(accuracy.values()) < 0.15


def test_margins_read_a_tie_as_argmax_does():
    z = np.array([[1, 1, 0], [1, 1, 0], [0, 2, 5], [np.nan, 0, 0]], np.float32)
    margin = margins(z, np.array([0, 1, 2, 0]))
    assert margin[0] == 0
    assert margin[1] > 0
    assert margin[2] == -3
    assert np.isnan(margin[3])
