import numpy as np
import pytest

from arena import InvalidValue, roster
from scenarios.signs import signs
from scenarios.signs.photographs import _pose, _warped
from scenarios.signs.templates import NAMES, SIDE, templates


@pytest.fixture(scope="module")
def some():
    return signs(500, 1)


@pytest.mark.parametrize(
    ("n", "seed"), [(1, 0), (0, 0), (2.5, 0), ("10", 0), (10, -1), (10, 1.5), (10, "a"), (10, None)]
)
def test_odd_numbers_of_signs_and_odd_seeds_are_refused(n, seed):
    with pytest.raises(InvalidValue, match=r"^(n|seed) must be a whole number"):
        signs(n, seed)


def test_signs_are_colour_pictures_of_every_kind(some):
    assert some.rows.x.shape == (500, 32 * 32 * 3)
    assert some.shape == (32, 32, 3)
    assert (some.rows.x.min() >= 0, some.rows.x.max() <= 1) == (True, True)
    assert (np.bincount(some.rows.y, minlength=12) > 15).all()
    assert [some.label(k) for k in range(some.classes)] == list(NAMES)


def test_the_same_seed_gives_the_same_signs_and_more_of_them_begin_alike(some):
    again, fewer, other = signs(500, 1), signs(250, 1), signs(500, 2)
    np.testing.assert_array_equal(again.rows.x, some.rows.x)
    np.testing.assert_array_equal(fewer.rows.x, some.rows.x[:250])
    assert np.abs(other.rows.x - some.rows.x).mean() > 0.1


def test_no_two_signs_are_the_same_picture(some):
    assert len({row.tobytes() for row in some.rows.x}) == 500


def test_a_template_is_transparent_around_the_sign_and_opaque_in_it():
    drawn = templates()
    assert drawn.shape == (12, SIDE, SIDE, 4)
    assert not drawn[:, [0, -1], :, 3][..., [0, -1]].any()
    assert (drawn[:, SIDE // 2, SIDE // 2, 3] == 1).all()
    assert (drawn[..., :3] <= drawn[..., 3:] + 1e-6).all()  # colours weighted by opacity


def test_a_sign_in_the_frame_keeps_its_area():
    whole = np.zeros((20, SIDE, SIDE, 4), np.float32)
    whole[:, 24:72, 24:72] = 1  # a square of half the width: a quarter of the sign's own plane
    pose = _pose(20, np.random.default_rng(0))
    inside = _warped(whole, pose)[..., 3].mean(axis=(1, 2))
    expected = 0.25 / np.linalg.det(pose[:, :, :2])
    np.testing.assert_allclose(inside, expected, rtol=0.05)


def test_colour_alone_does_not_tell_the_signs_apart_and_a_dense_network_that_sees_both_does():
    from arena.engine import fit, fitted, mlp

    data = roster.dataset("signs")
    train, test = data.rows[:2000], data.rows[3000:]

    def accuracy(features):
        rng = np.random.default_rng(0)
        x, held = features(train.x), features(test.x)
        model = fitted(fit(mlp((x.shape[1], 24, 12), rng=rng), x, train.y, rng=rng, epochs=6))
        return (model.logits(held).argmax(axis=1) == test.y).mean()

    assert accuracy(lambda x: x) > 0.6
    assert accuracy(lambda x: x.reshape(-1, 32 * 32, 3).mean(axis=1)) < 0.5
