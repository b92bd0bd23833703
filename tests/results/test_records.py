import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results import Record

MATCH = {"scenario": "s", "attacker": "a", "defender": "d", "seed": 0}
outcomes = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=70)


@given(outcomes)
def test_hits_come_back_as_they_went_in(pairs):
    clean, attacked = np.array(pairs).T
    record = Record.of(**MATCH, clean=clean, attacked=attacked)
    np.testing.assert_array_equal(record.clean, clean)
    np.testing.assert_array_equal(record.attacked, attacked)
    assert (record.clean_accuracy, record.attacked_accuracy) == (clean.mean(), attacked.mean())
    assert pickle.loads(pickle.dumps(record)) == record


def test_hits_are_packed_from_the_highest_bit():
    record = Record.of(**MATCH, clean=[True] * 9, attacked=[False] * 8 + [True])
    assert (record.clean_hits, record.attacked_hits) == (b"\xff\x80", b"\x00\x80")


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_counts_come_back_as_they_went_in(counts):
    right = np.ones(len(counts), dtype=bool)
    record = Record.of(**MATCH, clean=right, attacked=~right, queries=np.array(counts))
    assert record.query_counts.tolist() == counts and len(record.queries) == 4 * len(counts)
    assert record.median_queries == np.median(counts)
    assert pickle.loads(pickle.dumps(record)) == record


def test_counts_are_little_endian():
    assert Record.of(**MATCH, clean=[True], attacked=[True], queries=[258]).queries == b"\2\1\0\0"


def test_the_median_is_over_the_points_that_were_right_and_fell():
    hits = {"clean": [True, True, True, False, True], "attacked": [False, True, False, False, False]}
    assert Record.of(**MATCH, **hits, queries=[3, 999, 50, 0, 4]).median_queries == 4
    assert math.isnan(Record.of(**MATCH, **hits).median_queries)
    assert math.isnan(Record.of(**MATCH, clean=[True], attacked=[True], queries=[9]).median_queries)


@pytest.mark.parametrize("queries", [[1.0, 2.0], [1], [[1, 2]], [-1, 2], [1, 2**32], [True, False]])
def test_only_whole_numbers_from_zero_are_counts(queries):
    with pytest.raises(ValueError, match=r"^queries: "):
        Record.of(**MATCH, clean=[True, True], attacked=[True, True], queries=queries)


def test_forfeit_has_no_accuracy():
    record = Record(**MATCH, points=100, forfeit="the norm is 0.31,\n  the limit 0.3")
    assert record.forfeit == "the norm is 0.31, the limit 0.3"
    assert math.isnan(record.clean_accuracy) and math.isnan(record.attacked_accuracy)
    assert record.clean.shape == record.attacked.shape == record.query_counts.shape == (0,)
    assert math.isnan(record.median_queries)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "points: .* at least 1"),
        ({"points": 9, "clean_hits": b"1", "attacked_hits": b"11"}, "clean_hits: 9 points pack into 2 bytes, not 1"),
        ({"points": 8, "clean_hits": b"1", "attacked_hits": b""}, "attacked_hits: 8 points pack into 1 bytes, not 0"),
        ({"points": 3, "clean_hits": b"\xe0", "attacked_hits": b"\x10"}, "attacked_hits: the bits after point 3"),
        ({"points": 8, "clean_hits": b"1", "forfeit": "late"}, "clean_hits: 0 points"),
        ({"points": 8, "clean_hits": b"1", "attacked_hits": b"1", "queries": b"12"}, "queries: 8 points take 32 bytes"),
        ({"points": 1, "queries": b"1234", "forfeit": "late"}, "queries: 0 points take 0 bytes"),
        ({"points": -1, "forfeit": "late"}, "points: counted from 0"),
        ({"round": -1, "forfeit": "late"}, "round, points: counted from 0, not -1"),
        ({"attacker": "", "forfeit": "late"}, "attacker: .* printable"),
        ({"defender": "two\nlines", "forfeit": "late"}, "defender: .* printable"),
    ],
)
def test_broken_record_is_refused(fields, rule):
    with pytest.raises(ValueError, match=rule):
        Record(**{**MATCH, **fields})


@pytest.mark.parametrize("clean", [[0.5, 1.0], [[True, False]], [True], [1, 0]])
def test_only_booleans_of_one_length_are_hits(clean):
    with pytest.raises(ValueError, match=r"booleans|same points"):
        Record.of(**MATCH, clean=clean, attacked=[True, False])


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain"),
        ("two\nlines\r\n\tand a bell\x07", "two lines and a bell"),
        ("x" * 1000, "x" * 299 + "…"),
        ("x" * 300, "x" * 300),
    ],
)
def test_a_reason_is_one_short_line_that_any_terminal_can_show(reason, told):
    assert Record(**MATCH, forfeit=reason).forfeit == told


def test_a_reason_is_settled_once_so_that_a_file_gives_it_back():
    for reason in ("a \0 b", " \x1b[1mred\x1b[0m\nline", "\x1b\x1b[0m[0mx", "é\udcff\u2028z", "long " * 500):
        first = Record(scenario="s", attacker="a", defender="d", seed=0, forfeit=reason)
        again = Record(scenario="s", attacker="a", defender="d", seed=0, forfeit=first.forfeit)
        assert again == first
