import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from results import Record, ResultsTable, accuracy_by_queries, crossed, draw_curves, query_table
from results.tables.medians import median_interval


@pytest.fixture
def asked():
    """Make a table of random matches in which points fall at random numbers of queries up to a budget."""

    def make(
        attackers=("square", "boundary"), defenders=("plain", "mix"), seeds=3, points=30, budget=100, scenario="q"
    ):
        rng = np.random.default_rng(0)
        records = []
        for attacker, defender, seed in [(a, d, s) for a in attackers for d in defenders for s in range(seeds)]:
            clean, need = rng.random(points) < 0.9, rng.lognormal(3, 2, points).astype(int) + 1
            hits = {"clean": clean, "attacked": clean & (need > budget), "queries": np.minimum(need, budget)}
            records.append(Record.of(scenario=scenario, attacker=attacker, defender=defender, seed=seed, **hits))
        return ResultsTable(tuple(records))

    return make


def test_a_point_is_lost_from_its_own_count_on(play):
    counts = np.array(
        [3, 10, 10, 10, 0]
    )  # fooled at 3, never, misread from the start, set right by the attack, at once
    table = ResultsTable((play("a", "d", 0, "11001", "01010", queries=counts),))
    curve = accuracy_by_queries(table, "a", "d")
    assert curve.queries.tolist() == list(range(11))
    assert curve.accuracy.tolist() == [2 / 5] * 3 + [1 / 5] * 8


def test_a_curve_is_what_is_left_at_each_number_of_queries(asked):
    table = asked()
    for attacker, defender in [(a, d) for a in table.attackers for d in table.defenders]:
        records = table.where(attacker=attacker, defender=defender).records
        curve = accuracy_by_queries(table, attacker, defender)
        for k, queries in enumerate(curve.queries):
            expected = crossed([r.clean & (r.attacked | (r.query_counts > queries)) for r in records])
            assert (curve.accuracy[k], curve.low[k], curve.high[k]) == (expected.estimate, expected.low, expected.high)


def test_a_curve_falls_from_the_clean_accuracy_to_the_attacked_one(asked):
    table = asked()
    for attacker, defender in [(a, d) for a in table.attackers for d in table.defenders]:
        frame = table.where(attacker=attacker, defender=defender).frame()
        curve = accuracy_by_queries(table, attacker, defender)
        assert (np.diff(curve.accuracy) <= 0).all()
        assert curve.accuracy[0] == pytest.approx(frame["clean_accuracy"].mean())
        assert curve.accuracy[-1] == pytest.approx(frame["attacked_accuracy"].mean())
        assert (curve.low <= curve.accuracy).all() and (curve.accuracy <= curve.high).all()


@given(st.integers(0, 10**9))
def test_curves_are_read_at_zero_at_the_maximum_and_evenly_between(most):
    hits = {"clean": [True, True], "attacked": [False, True], "queries": [0, most]}
    table = ResultsTable((Record.of(scenario="q", attacker="a", defender="d", seed=0, **hits),))
    queries = accuracy_by_queries(table, "a", "d").queries
    assert queries[0] == 0 and queries[-1] == most
    assert (np.diff(queries) > 0).all() and len(queries) <= 41
    steps = np.diff(np.log(queries[queries > 100]))
    assert steps.size == 0 or steps.max() < 1.1 * steps.min() + 0.02


def test_all_curves_of_a_table_are_read_at_the_same_numbers(play):
    table = ResultsTable(
        (play("a", "d", 0, "11", "01", queries=[3, 4]), play("b", "d", 0, "11", "01", queries=[90, 7]))
    )
    assert accuracy_by_queries(table, "a", "d").queries[-1] == accuracy_by_queries(table, "b", "d").queries[-1] == 90


def test_the_round_can_be_chosen(play):
    rounds = [play("a", "d", 0, "11", hits, round=k, queries=[k, 5]) for k, hits in enumerate(["01", "00"])]
    table = ResultsTable(tuple(rounds))
    ends = [accuracy_by_queries(table, "a", "d", round=k).accuracy[-1] for k in (0, 1, None)]
    assert ends == [0.5, 0.0, 0.0] and query_table(table).startswith("s, round 1: queries")


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        (("a", "e"), r"a against e: queries were not counted; play"),
        (("b", "d"), r"b against d: no result \(seed 0: late\)"),
        (("c", "d"), r"c against d: no result \(seed 0: not played\)"),
    ],
)
def test_what_has_no_curve_is_named(play, pair, complaint):
    late = Record(scenario="s", attacker="b", defender="d", seed=0, forfeit="late")
    table = ResultsTable((play("a", "d", 0, "11", "01", queries=[3, 4]), play("a", "e", 0, "11", "01"), late))
    with pytest.raises(ValueError, match=complaint):
        accuracy_by_queries(table, *pair)


@pytest.mark.parametrize("show", [query_table, lambda table: draw_curves(table, "never.png")])
def test_a_table_without_counts_is_refused(tournament, show):
    with pytest.raises(ValueError, match="queries: not counted in this table"):
        show(tournament())


def test_the_table_of_medians_reads_like_this(play):
    late = Record(scenario="duel", attacker="slow", defender="adversarial-training", seed=0, forfeit="late")
    half = [1, 2, 3, 4, 5, 6, 7, 8, 99, 99]
    table = ResultsTable(
        (
            play("square", "plain", 0, "1" * 9 + "0", "0" * 8 + "10", scenario="duel", queries=half),
            play("square", "adversarial-training", 0, "1" * 10, "0" + "1" * 9, scenario="duel", queries=[40] * 10),
            play("slow", "plain", 0, "1" * 10, "1" * 10, scenario="duel", queries=[9] * 10),
            late,
            play("blind", "plain", 0, "0" * 10, "0" * 10, scenario="duel", queries=[9] * 10),
            play("blind", "adversarial-training", 0, "1" * 10, "0" * 5 + "1" * 5, scenario="duel"),
        )
    )
    assert query_table(table) == (
        "duel: queries it took to fool a point (median), and points read right that got fooled (in %),\n"
        "each with 95 % interval, 1 seed × 10 points\n"
        "\n"
        "------------------------------------\n"
        "                        adversarial-\n"
        "                 plain      training\n"
        "------------------------------------\n"
        "square             4.5            40\n"
        "                   2–7\n"
        "  fooled, %       88.9          10.0\n"
        "             50.5–98.4      1.4–45.6\n"
        "------------------------------------\n"
        "slow                 –       forfeit\n"
        "                                 [1]\n"
        "  fooled, %        0.0\n"
        "              0.0–33.9\n"
        "------------------------------------\n"
        "blind                –     uncounted\n"
        "  fooled, %          –          50.0\n"
        "                           20.9–79.1\n"
        "------------------------------------\n"
        "\n"
        "[1]         seed 0: late"
    )


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=40))
def test_the_median_lies_within_its_interval(points):
    counts, fooled = np.array([[count for count, _ in points]]), np.array([[hit for _, hit in points]])
    median, low, high = median_interval(counts, fooled)
    assert np.isnan(median) == (not fooled.any()) and np.isnan(low) == (fooled.sum() < 6)
    assert not low > median and not high < median


@pytest.mark.parametrize(
    ("seeds", "points", "seed_spread"), [(1, 60, 0.0), (1, 400, 0.0), (3, 100, 0.2), (8, 100, 0.4)]
)
def test_95_percent_of_the_intervals_hold_the_true_median(seeds, points, seed_spread):
    rng, runs = np.random.default_rng(seeds), 500
    hardness, skill = rng.normal(size=(runs, 1, points)), seed_spread * rng.normal(size=(runs, seeds, 1))
    counts = np.exp(4 + hardness + skill + 0.5 * rng.normal(size=(runs, seeds, points)))
    fooled = rng.random(counts.shape) < 0.7
    bounds = np.array([median_interval(c, f) for c, f in zip(counts, fooled, strict=True)])
    held = (bounds[:, 1] <= np.exp(4)) & (np.exp(4) <= bounds[:, 2])
    assert 0.92 <= held.mean() <= 0.99


def colour_shares(path, *colours):
    pixels = (imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    return [np.mean((pixels == [int(c[k : k + 2], 16) for k in (1, 3, 5)]).all(axis=1)) for c in colours]


def test_a_picture_has_a_line_an_attacker_and_a_panel_a_defender(asked, tmp_path):
    for name, defenders in (("one", ("a",)), ("five", tuple("abcde"))):
        draw_curves(asked(defenders=defenders, points=200), tmp_path / name)
        square, boundary, third = colour_shares(tmp_path / name, "#0072b2", "#d55e00", "#009e73")
        assert square > 0.001 and boundary > 0.001 and third == 0
    shapes = [imread(tmp_path / name).shape for name in ("one", "five")]
    assert shapes[1][0] > 1.5 * shapes[0][0] and shapes[1][1] > 2 * shapes[0][1]


def test_a_picture_leaves_out_what_was_not_counted(play, tmp_path):
    table = ResultsTable((play("a", "d", 0, "11", "00", queries=[1, 5]), play("b", "d", 0, "11", "00")))
    draw_curves(table, tmp_path / "x.png")
    counted, uncounted = colour_shares(tmp_path / "x.png", "#0072b2", "#d55e00")
    assert counted > 0 == uncounted
