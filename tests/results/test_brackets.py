import numpy as np
import pytest
from matplotlib.image import imread

from results import BracketRow, ResultsTable, bracket_table, draw_brackets


def row(proven: int, exact: int | None, attacked: int, clean: int) -> BracketRow:
    """Ten points at two seeds; the first so many are certified, verified, read right under attack, and clean."""

    def first(k: int) -> np.ndarray:
        return np.tile(np.arange(10) < k, (2, 1))

    return BracketRow(
        {"crown": first(proven), "lipschitz": first(proven - 1)}, None if exact is None else first(exact),
        first(attacked) & ~first(proven if exact is None else exact), first(attacked), first(clean),
    )  # fmt: skip


def test_the_table_prints_the_bracket_and_its_gaps():
    lines = bracket_table({"plain": row(3, 5, 6, 9), "far-too-hard": row(2, None, 8, 10)}, "linf 0.1").splitlines()
    found = {line.split()[0]: line.split()[1:] for line in lines if line[:1].isalpha() and " - " not in line}
    assert found["clean"] == ["90.0", "100.0"]
    assert found["attacked"] == ["60.0", "80.0"]
    assert found["exact"] == ["50.0", "–"]
    assert found["crown"] == ["30.0", "20.0"]
    assert found["lipschitz"] == ["20.0", "10.0"]
    assert found["undecided"] == ["10.0", "60.0"]
    gaps = {line[:20].strip(): line[20:].split() for line in lines if " - " in line}
    assert gaps == {
        "attacked - certified": ["30.0", "60.0"], "attacked - exact": ["10.0", "–"], "exact - certified": ["20.0", "–"],
    }  # fmt: skip


def test_the_picture_has_a_panel_a_defender(tmp_path):
    ladder = [(0.05, row(5, 6, 6, 9)), (0.1, row(1, None, 3, 9))]
    draw_brackets({"plain": ladder}, tmp_path / "one.png", "title")
    draw_brackets({"plain": ladder, "other": ladder}, tmp_path / "two.png", "title")
    one, two = (imread(tmp_path / f"{name}.png") for name in ("one", "two"))
    assert two.shape[1] > 1.3 * one.shape[1]


def test_a_grid_shows_what_is_certified_where_every_seed_has_it(play):
    table = ResultsTable(tuple(play("a", d, seed, "1111", "1110") for d in ("d", "e") for seed in (0, 1)))
    points = {
        ("d", 0): np.array([1, 1, 0, 0], bool),
        ("d", 1): np.array([1, 0, 0, 0], bool),
        ("e", 0): np.ones(4, bool),
    }
    grid = table.grid().with_certified(points)
    assert grid.certified[0].interval.estimate == pytest.approx(3 / 8)
    assert grid.certified[1].interval is None
    for text in (str(grid), grid.to_markdown()):
        assert "certified" in text
        assert "37.5" in text
    assert "certified" not in str(table.grid())
