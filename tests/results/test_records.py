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


def test_forfeit_has_no_accuracy():
    record = Record(**MATCH, points=100, forfeit="the norm is 0.31,\n  the limit 0.3")
    assert record.forfeit == "the norm is 0.31, the limit 0.3"
    assert math.isnan(record.clean_accuracy) and math.isnan(record.attacked_accuracy)
    assert record.clean.shape == record.attacked.shape == (0,)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "points: .* at least 1"),
        ({"points": 9, "clean_hits": b"1", "attacked_hits": b"11"}, "clean_hits: 9 points pack into 2 bytes, not 1"),
        ({"points": 8, "clean_hits": b"1", "attacked_hits": b""}, "attacked_hits: 8 points pack into 1 bytes, not 0"),
        ({"points": 3, "clean_hits": b"\xe0", "attacked_hits": b"\x10"}, "attacked_hits: the bits after point 3"),
        ({"points": 8, "clean_hits": b"1", "forfeit": "late"}, "clean_hits: 0 points"),
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
