import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.image import imread

from results import Record, ResultsTable, example, heat_map
from results.drawing.panels import _amplified

DIGIT = np.linspace(0, 1, 64)


def pixels(path):
    """The colours of a PNG as rows of red, green, blue from 0 to 255."""
    return (imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)


def share_of(colour, path):
    return np.mean(np.abs(pixels(path) - np.round(np.multiply(colour[:3], 255))).max(axis=1) <= 1)


def test_heat_map_paints_each_cell_in_its_colour(play, tmp_path):
    late = Record(scenario="s", attacker="b", defender="e", seed=0, forfeit="late")
    table = ResultsTable(
        (play("a", "d", 0, "11", "00"), play("a", "e", 0, "11", "00"), play("b", "d", 0, "11", "10"), late)
    )
    heat_map(table, tmp_path / "heat.png")
    light, dark, middle = (share_of(colormaps["cividis"](share), tmp_path / "heat.png") for share in (1.0, 0.0, 0.5))
    grey = share_of((0xDD / 255,) * 3, tmp_path / "heat.png")
    assert dark / light == pytest.approx(2, abs=0.2)  # attacker a and the worst case; clean alone
    assert middle / light == pytest.approx(grey / light, abs=0.1) == pytest.approx(1 / 2, abs=0.15)


def test_heat_map_shows_the_round_that_is_asked_for(play, tmp_path):
    table = ResultsTable((play("a", "d", 0, "1", "1"), play("a", "d", 0, "1", "0", round=1)))
    heat_map(table, tmp_path / "last.png")
    heat_map(table, tmp_path / "first.png", round=0)
    dark = colormaps["cividis"](0.0)
    assert share_of(dark, tmp_path / "last.png") > 0.1 > share_of(dark, tmp_path / "first.png")


def test_example_shows_the_pixels_themselves(tmp_path):
    colour = np.tile([0.2, 0.4, 0.6], 12)
    example(tmp_path / "x.png", colour, colour + 0.04, (3, 4, 3), ("stop sign", 0.99), ("yield sign", 0.9), 0.04)
    clean, attacked = (share_of(shade, tmp_path / "x.png") for shade in ([0.2, 0.4, 0.6], [0.24, 0.44, 0.64]))
    noise = share_of([0.9] * 3, tmp_path / "x.png")
    assert clean == pytest.approx(attacked, rel=0.05) == pytest.approx(noise, rel=0.05) and clean > 0.1


@pytest.mark.parametrize("title", ["", "pgd against plain"])
def test_example_takes_flat_and_shaped_pixels(tmp_path, title):
    for name, shape in (("flat", (64,)), ("square", (8, 8))):
        clean, attacked = DIGIT.reshape(shape), DIGIT[::-1].reshape(shape)
        example(tmp_path / name, clean, attacked, (8, 8), ("3", 0.992), ("8", 0.971), 1.0, title=title)
    assert (tmp_path / "flat").read_bytes() == (tmp_path / "square").read_bytes()


@pytest.mark.parametrize(("size", "factor"), [(0.0, 1), (0.031, 12), (0.1, 4), (0.3, 1), (0.9, 1)])
def test_noise_is_amplified_by_a_whole_factor_around_grey(size, factor):
    picture, used = _amplified(np.array([[size, 0.0, -size]]))
    assert used == factor
    np.testing.assert_allclose(picture, np.clip([[0.5 + factor * size, 0.5, 0.5 - factor * size]], 0, 1))


@pytest.mark.parametrize("shape", [(64,), (8, 9), (4, 4, 4), (2, 2, 4, 4)])
def test_example_needs_the_shape_of_an_image(tmp_path, shape):
    with pytest.raises(ValueError, match="clean: 64 values"):
        example(tmp_path / "x.png", DIGIT, DIGIT, shape, ("3", 1.0), ("3", 1.0), 0.0)
