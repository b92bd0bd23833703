import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import MeanSquaredError, fit, fitted, mlp
from arena.engine.arrays import labels, rows

MODEL = mlp((4, 6, 3), rng=default_rng(0))
X, Y = default_rng(1).random((10, 4), dtype=np.float32), np.arange(10) % 3
NAN = np.where(np.arange(40).reshape(10, 4) == 22, np.nan, 0.5)
BAD_ROWS = [
    (np.ones(4), r"x must be rows of shape \(n, 4\); got \(4,\)"),
    (np.ones((10, 5)), r"x must be rows of shape \(n, 4\); got \(10, 5\)"),
    (np.ones((10, 2, 2)), r"x must be rows of shape \(n, 4\); got \(10, 2, 2\)"),
    (NAN, "x must be finite; row 5 holds NaN or infinity"),
    (np.where(np.isnan(NAN), np.inf, NAN), "x must be finite; row 5"),
    (np.full((10, 4), "a"), "x must hold real numbers; got dtype <U1"),
    (np.ones((10, 4), complex), "x must hold real numbers; got dtype complex128"),
]
BAD_LABELS = [
    (Y.astype(float), r"y must hold integer labels; got dtype float64: use y.astype\(int\)"),
    (Y[:9], r"y must have one label for each of the 10 rows, shape \(10,\); got \(9,\)"),
    (Y + 1, r"y must hold labels in 0..2; got 3"),
    (Y - 1, r"y must hold labels in 0..2; got -1"),
    (Y.astype(np.uint64) + np.uint64(2**63), "y must hold labels in 0..2; got 92233720368547758"),
]


@pytest.mark.parametrize(("x", "message"), BAD_ROWS)
def test_bad_rows_are_refused_by_name_wherever_a_model_meets_them(x, message):
    for use in (MODEL.logits, MODEL.vjp, lambda x: next(fit(MODEL, x, Y, rng=default_rng(0)))):
        with pytest.raises(ValueError, match=message):
            use(x)


@pytest.mark.parametrize(("y", "message"), BAD_LABELS)
def test_bad_labels_are_refused_by_name(y, message):
    with pytest.raises(ValueError, match=message):
        next(fit(MODEL, X, y, rng=default_rng(0)))
    with pytest.raises(ValueError, match=message):
        next(fit(MODEL, X, Y, rng=default_rng(0), validation=(X, y)))


def test_bad_targets_of_a_regression_are_refused_by_name():
    for targets, message in (
        (np.ones((9, 3)), "targets must have a row for each of the 10 rows of x; got 9"),
        (np.ones((10, 2)), r"targets must be rows of shape \(n, 3\); got \(10, 2\)"),
        (np.full((10, 3), np.nan), "targets must be finite"),
    ):
        with pytest.raises(ValueError, match=message):
            next(fit(MODEL, X, targets, rng=default_rng(0), loss=MeanSquaredError()))


def test_training_on_no_rows_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        next(fit(MODEL, np.zeros((0, 4)), np.zeros(0, int), rng=default_rng(0)))


def test_a_change_that_returns_bad_rows_is_refused():
    with pytest.raises(ValueError, match="x must be finite"):
        fitted(fit(MODEL, X, Y, rng=default_rng(0), change=lambda model, x, y, rng: x * np.nan))


def test_rows_and_labels_take_what_is_one_in_another_dtype():
    assert rows(np.ones((2, 3), np.uint8)).dtype == np.float32
    assert rows([[1, 2], [3, 4]]).dtype == np.float32
    assert rows(np.ones((2, 3), np.float64)).dtype == np.float64
    assert labels(np.array([0, 255], np.uint8), 2).dtype == np.intp
    assert labels(np.array([0, 255], np.uint64), 2).dtype == np.intp
    assert labels(np.zeros(0, int), 0).shape == (0,)


def test_a_label_too_large_to_be_an_index_is_refused():
    with pytest.raises(ValueError, match=r"y must hold labels in 0..9223372036854775807; got 9223372036854775808"):
        labels(np.array([0, 2**63], np.uint64), 2)


def test_huge_finite_rows_are_no_infinity():
    huge = np.full((3, 4), 3e38, np.float32)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(rows(huge), huge)


def test_no_rows_give_no_logits():
    assert MODEL.logits(np.zeros((0, 4))).shape == (0, 3)
