import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena import Ball, Batch, Contamination, IllegalMove, InvalidValue, Perturbation, Poison
from arena.poisoning.referee import PoisonReferee
from arena.poisoning.trigger import Mixture, Stamp

RNG = np.random.default_rng(0)
TRAIN = Batch(RNG.random((40, 6), dtype=np.float32), np.arange(40) % 4)
ROW = TRAIN.x[:1]


def judge(move, *, fraction=0.1, known=40, **allowed):
    return PoisonReferee(Contamination(fraction, **allowed), TRAIN, 4, known).judge(move)


@pytest.mark.parametrize(("fraction", "n", "limit"), [(0.1, 1297, 129), (0.29, 100, 29), (0.0, 9, 0), (0.4, 1297, 518)])
def test_the_limit_is_the_floor_of_the_share_of_all_rows(fraction, n, limit):
    assert Contamination(fraction).limit(n) == limit


def test_a_contamination_that_allows_nothing_is_no_rule():
    with pytest.raises(InvalidValue, match="allow something"):
        Contamination(0.1, may_relabel=False)


@pytest.mark.parametrize(
    ("move", "allowed", "says"),
    [
        (Poison(np.arange(5), y=(TRAIN.y[:5] + 1) % 4), {}, r"5 distinct rows .* floor\(0.1 · 40\) = 4 of all 40"),
        (Poison(np.array([1, 1]), y=np.array([0, 0])), {}, "names a row twice"),
        (Poison(np.array([40]), y=np.array([0])), {}, r"0\.\.39"),
        (Poison(np.array([30]), y=np.array([0])), {"known": 20}, r"0\.\.19, the rows shown"),
        (Poison(np.array([-1]), y=np.array([0])), {}, r"0\.\.39"),
        (Poison(np.array([0.0]), y=np.array([1])), {}, "integers"),
        (Poison(np.array([0]), y=np.array([4])), {}, r"labels lie in 0\.\.3"),
        (Poison(np.array([0]), y=np.array([1, 2])), {}, "1 integer labels"),
        (Poison(np.array([0]), x=1 - ROW), {}, "may_edit is None"),
        (Poison(np.array([0]), x=ROW * np.nan), {"may_edit": Ball(1.0)}, "NaN"),
        (Poison(np.array([0]), x=ROW + 1), {"may_edit": Ball(2.0)}, "leaves the box"),
        (Poison(np.array([0]), x=1 - ROW), {"may_edit": Ball(0.05)}, "leaves the linf ball"),
        (Poison(np.array([0]), y=np.array([1])), {"may_relabel": False, "may_edit": Ball(0.1)}, "may_relabel is False"),
        (Poison(np.array([0]), added_x=ROW, added_y=np.array([1])), {}, "may_insert is False"),
        (Poison(np.array([0]), added_x=ROW), {"may_insert": True}, "both added_x and added_y"),
        (Poison(np.array([0]), added_x=ROW[0, 0], added_y=np.array([1])), {"may_insert": True}, r"float rows \(1, 6\)"),
        (Poison(np.array([0]), added_x=ROW + 2, added_y=np.array([1])), {"may_insert": True}, "leaves the box"),
        (Perturbation(TRAIN.x), {}, "answers training rows with Poison"),
    ],
)
def test_an_illegal_poison_is_refused_by_name(move, allowed, says):
    with pytest.raises(IllegalMove, match=says):
        judge(move, **allowed)


@pytest.mark.parametrize("edit", [None, Ball(1.0)])
def test_a_zero_that_turns_negative_is_no_change_and_leaves_no_trace(edit):
    train = Batch(np.where(TRAIN.x < 0.5, 0, TRAIN.x), TRAIN.y)
    x = np.where(train.x == 0, np.float32(-0.0), train.x)
    allowed = Contamination(0.0, may_edit=edit)
    poisoned = PoisonReferee(allowed, train, 4, 40).judge(Poison(np.arange(40), x=x))
    assert not poisoned.touched.any()
    assert poisoned.train.x.tobytes() == train.x.tobytes()


def test_an_inserted_row_has_one_way_of_writing_zero():
    added = judge(Poison(np.zeros(0, np.intp), added_x=-0.0 * ROW, added_y=np.array([1])), may_insert=True)
    assert not np.signbit(added.train.x).any()


@given(st.lists(st.integers(0, 39), unique=True, max_size=8), st.integers(0, 8))
def test_only_rows_that_truly_changed_count(rows, changed):
    rows = np.array(rows, np.intp)
    y = TRAIN.y[rows].copy()
    y[:changed] = (y[:changed] + 1) % 4
    real = min(changed, len(rows))
    if real > 4:
        with pytest.raises(IllegalMove, match="distinct rows"):
            judge(Poison(rows, y=y))
        return
    after = judge(Poison(rows, y=y))
    assert after.touched.sum() == real
    assert np.array_equal(after.touched, after.train.y != TRAIN.y)
    assert np.array_equal(after.train.x, TRAIN.x)


def test_inserted_rows_are_shuffled_in_and_the_others_keep_their_order():
    x = np.full((3, 6), 0.5, np.float32) + np.float32(0.1) * np.arange(3, dtype=np.float32)[:, None]
    after = judge(Poison(np.array([7]), y=np.array([0]), added_x=x, added_y=np.array([0, 1, 2])), may_insert=True)
    assert len(after.train) == 43
    assert after.touched.sum() == 4
    old = np.flatnonzero(~(after.train.x[:, None] == x[None]).all(axis=2).any(axis=1))
    assert np.array_equal(after.train.x[old], TRAIN.x)
    assert not np.array_equal(old, np.arange(40))


def test_a_stamp_is_the_same_few_pixels_in_every_row():
    stamped = TRAIN.x.copy()
    stamped[:, 2:4] = 1
    assert np.array_equal(Stamp(2).judge(Perturbation(stamped), TRAIN).x, stamped)
    with pytest.raises(IllegalMove, match="overwrites 2 features; this scenario allows 1"):
        Stamp(1).judge(Perturbation(stamped), TRAIN)
    stamped[5, 2] = 0
    with pytest.raises(IllegalMove, match="same values into every row"):
        Stamp(2).judge(Perturbation(stamped), TRAIN)


def test_a_mixture_blends_one_picture_into_every_row():
    p = RNG.random(6, dtype=np.float32)
    mixed = (np.float32(0.8) * TRAIN.x + np.float32(0.2) * p).astype(np.float32)
    assert np.array_equal(Mixture(0.2).judge(Perturbation(mixed), TRAIN).x, mixed)
    with pytest.raises(IllegalMove, match="differs between rows"):
        Mixture(0.2).judge(Perturbation(np.where(np.arange(40)[:, None] == 3, TRAIN.x, mixed)), TRAIN)
    with pytest.raises(IllegalMove, match="blended picture must lie"):
        Mixture(0.1).judge(Perturbation(mixed), TRAIN)
