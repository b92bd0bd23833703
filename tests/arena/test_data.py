import os

import numpy as np
import pytest
from numpy.random import default_rng

from arena import Batch, Dataset, InvalidValue, roster
from arena.data import read_npz

X, Y = default_rng(0).random((6, 4)), np.array([0, 1, 2, 0, 1, 2])


def test_floats_in_the_box_are_taken_as_they_are():
    data = Dataset.of("mine", X, Y)
    np.testing.assert_array_equal(data.rows.x, X.astype(np.float32))
    assert (data.note, data.classes, data.shape) == ("", 3, (1, 4))
    assert data.rows.x.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_integer_pixels_are_divided_by_255_and_the_note_says_so(dtype):
    pixels = np.array([[0, 51, 102], [153, 204, 255]], dtype)
    data = Dataset.of("mine", pixels, [0, 1])
    np.testing.assert_allclose(data.rows.x, [[0, 0.2, 0.4], [0.6, 0.8, 1.0]], rtol=1e-6)
    assert data.note == "mine: integer pixels 0..255 were divided by 255"


@pytest.mark.parametrize("dtype", [np.uint8, np.bool_])
def test_integers_that_are_zero_or_one_stay(dtype):
    data = Dataset.of("mine", np.array([[0, 1], [1, 0]], dtype), [0, 1])
    np.testing.assert_array_equal(data.rows.x, [[0, 1], [1, 0]])
    assert data.note == ""


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((6, 64), (8, 8)), ((6, 784), (28, 28)), ((6, 3072), (32, 32, 3)), ((6, 10), (1, 10)), ((6, 5, 4), (5, 4)),
     ((6, 5, 4, 3), (5, 4, 3))],
)  # fmt: skip
def test_a_row_knows_its_shape_as_a_picture(shape, expected):
    data = Dataset.of("mine", np.zeros(shape), Y)
    assert data.shape == expected
    assert data.rows.x.shape == (6, np.prod(shape[1:]))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X * 300, Y, r"features must lie in the box \[0, 1\]; got .*: divide by 255"),
        (X * 1.2, Y, r"features must lie in the box \[0, 1\]; got .*: rescale with"),
        (X - 0.5, Y, r"features must lie in the box \[0, 1\]; got -.*: rescale with"),
        (X * 300 - 1, Y, "rescale with"),
        ((X * 300).astype(int), Y, "integer features must be pixels in 0..255; got"),
        (-np.ones((6, 4), int), Y, "integer features must be pixels in 0..255; got -1..-1"),
        (np.where(X > 0.9, np.nan, X), Y, "x holds NaN or infinity; drop or fill those rows"),
        (np.where(X > 0.9, np.inf, X), Y, "x holds NaN or infinity"),
        (np.full((6, 4), "a"), Y, "x must hold numbers; got dtype <U1"),
        (X[0], Y, "x must be at least two rows"),
        (X[:1], Y[:1], "x must be at least two rows"),
        (X, Y.astype(float), "y must hold integer labels; got dtype float64: use y.astype"),
        (X, Y.astype(str), "y must hold integer labels; got dtype <U"),
        (X, Y[:5], "y must have one label for each of the 6 rows"),
        (X, Y[:, None], r"y must have one label for each of the 6 rows, shape \(6,\); got \(6, 1\)"),
        (X, Y - 1, "y must hold labels 0 or more; got -1"),
        (X, Y * 0, "y must name at least two classes; all labels are 0"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_name_of_the_data(x, y, message):
    with pytest.raises(InvalidValue, match="mine: .*" + message):
        Dataset.of("mine", x, y)


def test_an_npz_is_read_as_it_was_saved(tmp_path):
    np.savez(tmp_path / "d.npz", x=(X * 255).astype(np.uint8), y=Y.astype(np.uint8), extra=np.ones(3))
    data = roster.dataset(str(tmp_path / "d.npz"))
    np.testing.assert_allclose(data.rows.x, (X * 255).astype(np.uint8) / 255, rtol=1e-6)
    np.testing.assert_array_equal(data.rows.y, Y)
    assert "divided by 255" in data.note


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the file was unpickled",))


@pytest.mark.parametrize("bad", ["x", "y"])
def test_a_pickled_object_is_refused_and_never_loaded(tmp_path, bad):
    arrays = {"x": X, "y": Y, bad: np.array([Bomb()] * 6, dtype=object)}
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(InvalidValue, match=r"is no plain .npz of arrays \(Object arrays cannot be loaded"):
        read_npz(tmp_path / "d.npz")


@pytest.mark.parametrize(("key", "missing"), [("x", r"\['y'\]"), ("y", r"\['x'\]"), ("z", r"\['x', 'y'\]")])
def test_missing_arrays_are_named(tmp_path, key, missing):
    np.savez(tmp_path / "d.npz", **{key: X})
    with pytest.raises(InvalidValue, match=rf"must hold arrays 'x' and 'y'; missing {missing}, found \['{key}'\]"):
        read_npz(tmp_path / "d.npz")


def test_a_path_that_leads_nowhere_is_named(tmp_path):
    with pytest.raises(InvalidValue, match=r"no.npz does not exist: give the path of an .npz with x and y"):
        read_npz(tmp_path / "no.npz")


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"\x93NUMPY", b"PK\x05\x06"], ids=["text", "array", "zip"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(InvalidValue, match=r"d.npz is no plain .npz of arrays"):
        read_npz(tmp_path / "d.npz")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "d.npz").write_bytes(b"")
    with pytest.raises(InvalidValue, match=r"d.npz is no plain .npz of arrays"):
        read_npz(tmp_path / "d.npz")


def test_a_lone_array_is_refused(tmp_path):
    with (tmp_path / "d.npz").open("wb") as file:
        np.save(file, X)
    with pytest.raises(InvalidValue, match=r"d.npz is no plain .npz of arrays"):
        read_npz(tmp_path / "d.npz")


def test_a_batch_is_read_only_and_its_own():
    x, y = X.astype(np.float32), Y.copy()
    batch = Batch(x, y)
    x[0], y[0] = 9, 9
    assert batch.x.max() <= 1
    assert batch.y.max() == 2
    for array in (batch.x, batch.y, batch[1:3].x, batch.joined(batch).x):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_batch_is_cut_and_joined_row_by_row():
    batch = Batch(X, Y)
    assert len(batch) == 6
    np.testing.assert_array_equal(batch[[2, 0]].x, batch.x[[2, 0]])
    np.testing.assert_array_equal(batch[Y == 1].y, [1, 1])
    joined = batch[:2].joined(batch[4:])
    np.testing.assert_array_equal(joined.x, batch.x[[0, 1, 4, 5]])
    np.testing.assert_array_equal(joined.y, [0, 1, 1, 2])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [(X[0], Y, "x must be rows"), (X * np.nan, Y, "x must be finite"), (X, Y / 2, "y must hold integer labels")],
)
def test_a_batch_refuses_what_is_no_batch(x, y, message):
    with pytest.raises(InvalidValue, match=message):
        Batch(x, y)


@pytest.mark.parametrize("label", [0, 3])
def test_labels_of_one_class_alone_are_refused(label):
    with pytest.raises(InvalidValue, match=f"y must name at least two classes; all labels are {label}"):
        Dataset.of("mine", X, np.full(6, label))


def test_a_file_that_has_changed_is_read_again(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, x=X, y=Y)
    first = roster.dataset(str(path))
    assert roster.dataset(str(path)) is first
    np.savez(path, x=1 - X, y=Y)
    os.utime(path, ns=(1, 1))
    np.testing.assert_array_equal(roster.dataset(str(path)).rows.x, (1 - X).astype(np.float32))
    path.unlink()
    with pytest.raises(InvalidValue, match="does not exist"):
        roster.dataset(str(path))
