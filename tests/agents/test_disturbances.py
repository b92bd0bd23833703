import numpy as np
import pytest

from agents.attackers import Blur, Brightness, Contrast, Dusk, GaussianNoise, Occlusion, Rotation, SaltAndPepper, Shift
from arena import Ball, Batch, InvalidValue, Mismatch, play
from arena.views import DisturbanceView
from scenarios import Disturbance, WhiteBox

ALL = (GaussianNoise, SaltAndPepper, Blur, Contrast, Brightness, Occlusion, Rotation, Shift, Dusk)
RNG = np.random.default_rng


def pictures(n=60, side=16, channels=3):
    """Smooth blobs off centre, so that every disturbance shows."""
    rng, grid = RNG(0), np.arange(side)
    centre = rng.uniform(0.3, 0.7, (n, 2, channels)) * side
    bump = (
        np.exp(-((grid[None, :, None] - centre[:, :1]) ** 2) / 8)[:, :, None]
        * np.exp(-((grid[None, :, None] - centre[:, 1:]) ** 2) / 8)[:, None]
    )
    return (0.2 + 0.6 * bump).astype(np.float32)


def disturbed(nature, images, seed=0):
    n, *shape = images.shape
    view = DisturbanceView(Batch(images.reshape(n, -1), np.zeros(n, int)), Ball(1.0), tuple(shape))
    return nature.move(view, RNG(seed)).x.reshape(images.shape)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_five_severities_each_further_from_the_picture_than_the_last(kind):
    images = pictures()
    moved = [np.abs(disturbed(kind(severity=s), images) - images).mean() for s in range(1, 6)]
    assert all(np.diff(moved) > 0)
    with pytest.raises(InvalidValue, match="severity"):
        kind(severity=6)


def test_noise_has_its_standard_deviation_and_grains_their_share():
    grey = np.full((50, 20, 20, 1), 0.5, np.float32)
    assert np.std(disturbed(GaussianNoise(severity=2), grey)) == pytest.approx(0.08, rel=0.05)
    grains = disturbed(SaltAndPepper(severity=5), grey)
    assert (grains != 0.5).mean() == pytest.approx(0.17, abs=0.01)
    assert set(np.unique(grains)) == {0, 0.5, 1}


def test_tone_changes_are_exact_where_nothing_is_clipped():
    images = pictures()
    middle = images.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(disturbed(Contrast(severity=3), images), middle + 0.45 * (images - middle), atol=1e-6)
    moved = disturbed(Brightness(severity=1), images) - images
    np.testing.assert_allclose(np.abs(moved), 0.1, atol=1e-6)
    assert len({round(float(m.mean()), 3) for m in moved}) == 2
    dark = disturbed(Dusk(severity=5), np.full((40, 8, 8, 3), 0.5, np.float32)).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(dark, 0.5 * 0.18 * np.array([0.85, 0.95, 1.2]), atol=2e-3)


def test_blur_keeps_the_mean_and_takes_the_variance():
    images = pictures()
    soft = disturbed(Blur(severity=4), images)
    np.testing.assert_allclose(soft.mean(), images.mean(), rtol=0.02)
    assert soft.var() < 0.95 * images.var()


def test_the_occluding_square_has_its_area_and_one_grey():
    images = np.zeros((30, 20, 20, 3), np.float32)
    hidden = disturbed(Occlusion(severity=3), images)
    np.testing.assert_allclose((hidden > 0).mean(axis=(1, 2, 3)), 0.35**2)
    assert all(len(np.unique(one)) == 2 for one in hidden)


def centre_of(images):
    at = np.arange(images.shape[1])
    weight = (images - images.min()).sum(axis=3)
    return (
        np.stack([np.einsum("nij,i->n", weight, at), np.einsum("nij,j->n", weight, at)], axis=1)
        / weight.sum(axis=(1, 2))[:, None]
    )


def test_a_shift_moves_the_centre_of_mass_by_its_length_and_a_rotation_turns_it_about_the_middle():
    images = pictures(side=24, channels=1)
    before, middle = centre_of(images), 11.5
    gone = np.linalg.norm(centre_of(disturbed(Shift(severity=3), images)) - before, axis=1)
    np.testing.assert_allclose(gone, 0.09 * 24, rtol=0.1)
    after = centre_of(disturbed(Rotation(severity=5), images))
    arms = before - middle, after - middle
    far = np.linalg.norm(arms[0], axis=1) > 2
    angle = np.arctan2(arms[1][:, 0], arms[1][:, 1]) - np.arctan2(arms[0][:, 0], arms[0][:, 1])
    np.testing.assert_allclose(np.abs(np.rad2deg(np.angle(np.exp(1j * angle[far])))), 30, atol=2.5)


def test_nature_sits_in_its_own_scenario_alone_and_is_judged_by_the_box():
    from agents.defenders import Plain

    outcome = play(Disturbance(points=100), GaussianNoise(severity=5), Plain(epochs=5), seed=0)
    assert outcome.attacked_accuracy < outcome.clean_accuracy
    with pytest.raises(Mismatch):
        play(WhiteBox(), GaussianNoise(), Plain())
