import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.image import imread

from results import Record, ResultsTable, crossed_among, draw_transfer, transfer_matrix


@pytest.fixture
def white(play):
    """White box against one target: fgsm fools one of the two points read right, pgd both."""
    hits = {"fgsm": "0100", "pgd": "0000"}
    return ResultsTable(tuple(play(a, "plain", 0, "1100", hit, scenario="white-box") for a, hit in hits.items()))


def test_a_matrix_reads_like_this(play):
    noise = [play("noise", d, 0, "1" * 8, "1" * 8, scenario="transfer") for d in ("plain", "deep")]
    sent = [play("wide", "plain", 0, "1" * 8, "0" * 6 + "11", scenario="transfer")]
    late = Record(scenario="transfer", attacker="wide", defender="deep", seed=0, forfeit="late")
    seen = [play(a, "plain", 0, "1" * 8, hit, scenario="white") for a, hit in [("fgsm", "00001111"), ("pgd", "0" * 8)]]
    matrix = transfer_matrix(ResultsTable((*noise, *sent, late)), ResultsTable(tuple(seen)))
    assert str(matrix) == (
        "transfer: points read right that got fooled, in % with 95 % interval, 1 seed × 8 points\n"
        "\n"
        "-------------------------------\n"
        "                plain      deep\n"
        "-------------------------------\n"
        "noise             0.0       0.0\n"
        "             0.0–41.1  0.0–41.1\n"
        "-------------------------------\n"
        "wide             75.0   forfeit\n"
        "            35.1–94.3       [1]\n"
        "-------------------------------\n"
        "white box       100.0   missing\n"
        "           58.9–100.0       [2]\n"
        "-------------------------------\n"
        "\n"
        "white box   the attacker with the highest rate: pgd against plain\n"
        "[1]         seed 0: late\n"
        "[2]         no white-box attacker has a result"
    )


def test_a_rate_is_of_the_points_read_right(play, white):
    matrix = transfer_matrix(ResultsTable((play("wide", "plain", 0, "1110", "0010"),)), white)
    assert matrix.rates[0][0].interval.estimate == pytest.approx(2 / 3)
    assert matrix.white_box[0].interval.estimate == 1 and matrix.strongest == ("pgd",)
    assert matrix.noise is None and [label for label, _ in matrix.rows] == ["wide", "white box"]


def test_a_matrix_holds_the_intervals_of_its_matches(tournament):
    sent, seen = tournament(attackers=("x", "y"), rng=1), tournament(rng=2)
    matrix = transfer_matrix(sent, seen)
    for i, j in np.ndindex(2, 3):
        records = sent.where(attacker=sent.attackers[i], defender=sent.defenders[j]).records
        right = np.array([record.clean for record in records])
        fooled = right & ~np.array([record.attacked for record in records])
        assert matrix.rates[i][j].interval == crossed_among(fooled, right)
    strongest = [cell.interval.estimate for cell in matrix.white_box]
    every = [transfer_matrix(sent, seen.where(attacker=name)).white_box for name in seen.attackers]
    assert strongest == [max(a.interval.estimate, b.interval.estimate) for a, b in zip(*every, strict=True)]


def test_an_attacker_that_saw_nothing_is_no_white_box_attacker(play, white):
    sent = ResultsTable((play("pgd", "plain", 0, "1100", "0100"),))
    assert transfer_matrix(sent, white).strongest == ("fgsm",)


@pytest.mark.parametrize("of", ["transfer", "white box"])
def test_the_control_may_be_of_either_table(play, white, of):
    noise, wide = play("noise(steps=3)", "plain", 0, "1100", "0100"), play("wide", "plain", 0, "1100", "0000")
    if of == "transfer":
        matrix = transfer_matrix(ResultsTable((noise, wide)), white)
    else:
        matrix = transfer_matrix(ResultsTable((wide,)), ResultsTable((noise,)))
    assert matrix.noise[0].interval.estimate == 0.5 and matrix.surrogates == ("wide",)
    assert matrix.rows[0] == ("noise", matrix.noise)


def test_a_target_that_never_was_right_has_no_rate(play, white):
    matrix = transfer_matrix(ResultsTable((play("wide", "plain", 0, "0000", "0000"),)), white)
    assert matrix.rates[0][0].mark == "–" and "–" in str(matrix)


def test_a_table_of_forfeits_still_makes_a_matrix(white):
    late = Record(scenario="transfer", attacker="wide", defender="plain", seed=0, forfeit="late")
    assert "seed 0: late" in str(transfer_matrix(ResultsTable((late,)), white))


def test_tables_of_different_points_are_refused(play, white):
    with pytest.raises(ValueError, match="points: the tables share them, not 2 and 4"):
        transfer_matrix(ResultsTable((play("wide", "plain", 0, "11", "01"),)), white)


def test_the_picture_is_dark_where_points_were_lost(play, tmp_path):
    seen = ResultsTable(tuple(play("pgd", d, 0, "1111", "0000") for d in "de"))
    sent = ResultsTable(tuple(play(a, d, 0, "1111", "1111") for a in ("noise", "wide", "deep") for d in "de"))
    draw_transfer(transfer_matrix(sent, seen), tmp_path / "m.png")
    pixels = (imread(tmp_path / "m.png")[..., :3] * 255).round().astype(int).reshape(-1, 3)
    lost, kept = (
        np.mean(np.abs(pixels - np.round(np.multiply(colormaps["cividis"](share)[:3], 255))).max(axis=1) <= 1)
        for share in (0.0, 1.0)
    )
    assert kept / lost == pytest.approx(3, abs=0.3)
