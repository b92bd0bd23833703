import numpy as np
import pytest

from results import Record, ResultsTable, crossed
from results.tables.columns import split_name

DEFENDERS = (
    "plain",
    "dropout",
    "noise-augmentation",
    "adversarial-augmentation",
    "adversarial-training",
    "ensemble",
    "spectral-normalisation",
)


def test_a_grid_reads_like_this(play):
    records = [
        play("fgsm", d, 0, "1" * 10, hits, scenario="duel") for d, hits in [("a", "1110111011"), ("b", "0" * 10)]
    ]
    records += [
        play("pgd", d, 0, "1" * 10, hits, scenario="duel") for d, hits in [("a", "0" * 10), ("b", "1" * 8 + "00")]
    ]
    table = ResultsTable(tuple(records), {("a", 0): 1.25})
    assert str(table.grid(timings=True)) == (
        "duel: accuracy in % with 95 % interval, 1 seed × 10 points\n"
        "\n"
        "----------------------------------\n"
        "                     a           b\n"
        "----------------------------------\n"
        "clean            100.0       100.0\n"
        "            66.1–100.0  66.1–100.0\n"
        "----------------------------------\n"
        "fgsm              80.0         0.0\n"
        "             44.5–95.2    0.0–33.9\n"
        "pgd                0.0        80.0\n"
        "              0.0–33.9   44.5–95.2\n"
        "----------------------------------\n"
        "worst case         0.0         0.0\n"
        "              0.0–33.9    0.0–33.9\n"
        "training s         1.2           –\n"
        "----------------------------------\n"
        "\n"
        "max-min     20.0 % (11.6–55.6), what pure attacker fgsm or pgd takes at least\n"
        "min-max     100.0 % (80.7–100.0), what pure defender a or b loses at most\n"
        "equilibrium 60.0 % (48.0–70.9) lost, accuracy 40.0 %; gap < 1e-12\n"
        " attacker   fgsm 50.0 %, pgd 50.0 %\n"
        " defender   a 50.0 %, b 50.0 %\n"
        "pure eq.    no: min-max exceeds max-min by 80.0 % (40.5–84.8), and hiding the draw saves 40.0 % (24.2–43.8);\n"
        "            0.0 % of the resampled tables have one\n"
        "These hold for the matrix as played, where nobody sees the opponent's draw: an attacker who sees the drawn\n"
        "model is met by the min-max pure value."
    )


def test_markdown_reads_like_this(play):
    late = Record(scenario="duel", attacker="b|c", defender="d", seed=0, forfeit="late")
    table = ResultsTable((play("a", "d", 0, "1111", "1010", scenario="duel"), late))
    assert table.grid().to_markdown().splitlines() == [
        "**duel: accuracy in % with 95 % interval, 1 seed × 4 points**",
        "",
        "|  | d |",
        "| --- | ---: |",
        "| clean | 100.0 (28.3–100.0) |",
        "| a | 50.0 (7.7–92.3) |",
        r"| b\|c | forfeit [1] |",
        "| worst case | 50.0 (7.7–92.3) |",
        "",
        "- max-min: 50.0 % (12.4–87.0), what pure attacker a takes at least",
        "- min-max: 50.0 % (12.4–87.0), what pure defender d loses at most",
        "- equilibrium: 50.0 % (12.4–87.0) lost, accuracy 50.0 %; gap < 1e-12",
        "- attacker: a 100.0 %",
        "- defender: d 100.0 %",
        "- pure eq.: yes: min-max exceeds max-min by 0.0 % (0.0–0.0); 100.0 % of the resampled tables have one",
        "- left out: b|c (a match forfeited or missing)",
        "- worst case: over the attackers with a result",
        "- [1]: seed 0: late",
        "",
        "These hold for the matrix as played, where nobody sees the opponent's draw: an attacker who sees the drawn model "
        "is met by the min-max pure value.",
    ]


def test_worst_case_takes_the_worst_attacker_of_each_point(tournament):
    table = tournament(attackers=("x", "y", "z"), seeds=4, points=15)
    for defender, cell in zip(table.defenders, table.grid().worst, strict=True):
        survived = np.ones((4, 15), dtype=bool)
        for record in table.where(defender=defender).records:
            survived[record.seed] &= record.attacked
        assert cell.interval == crossed(survived)


def test_cells_hold_the_interval_of_their_matches(tournament):
    table = tournament()
    grid = table.grid()
    for i, attacker in enumerate(table.attackers):
        for j, defender in enumerate(table.defenders):
            records = table.where(attacker=attacker, defender=defender).records
            assert grid.attacked[i][j].interval == crossed([record.attacked for record in records])


def test_clean_accuracy_is_the_mean_over_the_opponents(play):
    table = ResultsTable((play("a", "d", 0, "1100", "1100"), play("b", "d", 0, "1110", "0000")))
    assert table.grid().clean[0].interval == crossed([[1, 1, 0.5, 0]])


def test_seven_defenders_fit_a_terminal(tournament):
    table = tournament(attackers=("noise", "fgsm", "pgd", "momentum-pgd"), defenders=DEFENDERS, points=100)
    assert max(map(len, str(table.grid(timings=True)).splitlines())) <= 110


def test_forfeited_and_missing_matches_are_marked_and_explained(play):
    late = Record(scenario="s", attacker="b", defender="d", seed=1, forfeit="too late")
    played = [play("a", "d", 0, "11", "10"), play("a", "d", 1, "11", "00"), play("b", "d", 0, "11", "00")]
    table = ResultsTable((*played, late, play("b", "e", 0, "11", "11"), play("b", "e", 1, "11", "11")))
    (a_d, a_e), (b_d, b_e) = table.grid().attacked
    assert (a_e.mark, a_e.reason) == ("missing", "seed 0, 1: not played")
    assert (b_d.mark, b_d.reason) == ("forfeit", "seed 1: too late")
    assert a_d.interval and b_e.interval and table.grid().worst[0].interval == a_d.interval
    text = str(table.grid())
    assert "[1]         seed 0, 1: not played\n[2]         seed 1: too late" in text
    assert "left out    a, b" in text or "left out    a, d" in text


def test_a_table_of_forfeits_still_prints():
    late = Record(scenario="s", attacker="a", defender="d", seed=0, forfeit="late")
    text = str(ResultsTable((late,)).grid(timings=True))
    assert "equilibrium none: no attacker has a result against any defender" in text
    assert "training s        –" in text


def test_a_later_round_says_which(play):
    table = ResultsTable(tuple(play("a", "d", 0, "1", "1", round=k) for k in range(3)))
    assert [table.grid(k).heading for k in (0, 2)] == ["s", "s, round 2"]
    assert str(table.grid()).startswith("s, round 2: accuracy")


def test_small_weights_are_not_named(play):
    hits = {"a": "1" * 999 + "0", "b": "0" * 1000}
    records = [play("x", d, 0, hits[d], hits[d]) for d in "ab"] + [
        play("y", d, 0, "1" * 1000, "1" * 1000) for d in "ab"
    ]
    assert " attacker   x 100.0 %\n defender   a 100.0 %\n" in str(ResultsTable(tuple(records)).grid())


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("plain", ("plain",)),
        ("a-b", ("a-b",)),
        ("adversarial-training", ("adversarial-", "training")),
        ("very-long-winded-defender", ("very-long-", "winded-defender")),
        ("unhyphenatedname", ("unhyphenatedname",)),
        ("endsinahyphen-", ("endsinahyphen-",)),
    ],
)
def test_long_names_break_at_a_hyphen(name, lines):
    assert split_name(name) == lines
