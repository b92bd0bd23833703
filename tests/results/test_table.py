import math

import numpy as np
import pytest

from results import Payoff, Record, ResultsTable


def test_names_stand_in_the_order_of_first_appearance(play):
    table = ResultsTable((play("z", "y", 1, "1", "1"), play("a", "y", 0, "1", "0"), play("z", "b", 1, "1", "1")))
    assert (table.attackers, table.defenders, table.seeds, table.rounds) == (("z", "a"), ("y", "b"), (0, 1), (0,))
    assert (len(table), repr(table)) == (3, "ResultsTable(3 records: 2 attackers × 2 defenders × 2 seeds)")


def test_there_is_no_clock_in_a_result(play):
    records = [play("a", "d", 0, "1", "1")]
    fast, slow = ResultsTable(records, {("d", 0): 1.0}), ResultsTable(tuple(records), {("d", 0): 9.0})
    assert fast == slow and hash(fast) == hash(slow)
    assert fast != ResultsTable(records * 0)


def test_a_match_and_round_occurs_once(play):
    with pytest.raises(ValueError, match=r"\('s', 'a', 'd', 0, 0\) occurs 2 times"):
        ResultsTable((play("a", "d", 0, "1", "1"), play("a", "d", 0, "1", "0")))


def test_where_keeps_what_equals(tournament):
    table = tournament()
    kept = table.where(attacker="pgd", seed=1)
    assert kept.records == tuple(r for r in table.records if r.attacker == "pgd" and r.seed == 1)
    assert len(kept) == 3 and len(table.where(defender="nobody")) == 0 and table.where() == table
    with pytest.raises(ValueError, match=r"attackers: not a field of a record; one of .*'attacker'"):
        table.where(attackers="pgd")


def test_frame_has_a_row_a_match_and_round(play):
    forfeit = Record(scenario="s", attacker="b", defender="d", seed=4, round=2, points=4, forfeit="late")
    counts = {"clean": [True, True, True, False], "attacked": [False, True, False, False], "queries": [7, 90, 10, 1]}
    counted = Record.of(scenario="s", attacker="c", defender="d", seed=0, **{k: np.array(v) for k, v in counts.items()})
    frame = ResultsTable((play("a", "d", 3, "1110", "0100", round=1), forfeit, counted)).frame()
    assert frame.pop("median_queries").tolist() == pytest.approx([math.nan, math.nan, 8.5], nan_ok=True)
    assert frame.iloc[0].to_dict() == {
        "scenario": "s",
        "attacker": "a",
        "defender": "d",
        "seed": 3,
        "round": 1,
        "clean_accuracy": 0.75,
        "attacked_accuracy": 0.25,
        "points": 4,
        "forfeit": "",
    }
    assert frame["forfeit"].tolist() == ["", "late", ""] and math.isnan(frame["attacked_accuracy"][1])


def test_frame_of_an_empty_table_keeps_its_columns():
    assert list(ResultsTable(()).frame().columns)[:4] == ["scenario", "attacker", "defender", "seed"]


def test_payoff_is_what_the_defenders_lost(tournament):
    table = tournament()
    frame = table.frame()
    mean = 1 - frame.groupby(["attacker", "defender"], sort=False)["attacked_accuracy"].mean().unstack(sort=False)
    payoff = table.payoff()
    np.testing.assert_allclose(payoff.matrix, mean.loc[list(payoff.attackers), list(payoff.defenders)])
    assert (payoff.attackers, payoff.defenders, payoff.left_out) == (table.attackers, table.defenders, ())


def test_the_last_round_counts_unless_another_is_asked_for(play):
    table = ResultsTable((play("a", "d", 0, "11", "11"), play("a", "d", 0, "11", "01", round=1)))
    assert [table.payoff(k).matrix.item() for k in (0, 1, None)] == [0.0, 0.5, 0.5]
    with pytest.raises(ValueError, match=r"round: one of \[0, 1\], not 2"):
        table.payoff(2)


def test_a_forfeit_leaves_its_player_out_and_says_so(play):
    late = Record(scenario="s", attacker="b", defender="d", seed=0, forfeit="late")
    payoff = ResultsTable((play("a", "d", 0, "11", "01"), play("a", "e", 0, "11", "11"), late)).payoff()
    assert payoff == Payoff(np.array([[0.5, 0.0]]), ("a",), ("d", "e"), ("b",))


def test_a_match_forfeited_early_stays_forfeited(play):
    late = Record(scenario="s", attacker="b", defender="d", seed=0, round=0, forfeit="late")
    table = ResultsTable((play("a", "d", 0, "11", "11"), play("a", "d", 0, "11", "01", round=1), late))
    assert table.payoff().left_out == ("b",)
    assert table.grid().attacked[1][0].reason == "seed 0: late"


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        ({"scenario": "t"}, "scenario: a grid shows one, here are .*where\\(scenario"),
        ({"clean": "111", "attacked": "111"}, "points: .*not \\[2, 3\\]; choose with where\\(points"),
    ],
)
def test_what_cannot_be_averaged_is_refused(play, other, complaint):
    match = {"attacker": "b", "defender": "d", "seed": 0, "clean": "11", "attacked": "11"}
    table = ResultsTable((play("a", "d", 0, "11", "11"), play(**{**match, **other})))
    with pytest.raises(ValueError, match=complaint):
        table.grid()


def test_an_empty_table_has_no_round():
    with pytest.raises(ValueError, match="this table is empty"):
        ResultsTable(()).payoff()
