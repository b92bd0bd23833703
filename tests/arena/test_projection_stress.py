import numpy as np
import pytest
from numpy.random import Generator, default_rng

from arena import projections

ROWS = 500


def bisected(a: np.ndarray, b: np.ndarray, radius: float, sizes, length) -> np.ndarray:
    """The sizes at the multiplier t in [0, 1] where `length` is the radius, by 200 halvings; `sizes` falls in t."""
    low, high = np.zeros((len(a), 1)), np.ones((len(a), 1))
    for _ in range(200):
        middle = (low + high) / 2
        out = length(sizes(a, b, middle)) > radius
        low, high = np.where(out[:, None], middle, low), np.where(out[:, None], high, middle)
    inside = length(np.minimum(a, b)) <= radius
    return np.where(inside[:, None], np.minimum(a, b), sizes(a, b, high))


def exact_l1(a, b, radius):
    top = a.max(axis=1, keepdims=True)
    return bisected(a, b, radius, lambda a, b, t: np.clip(a - t * top, 0, b), lambda s: s.sum(axis=1))


def exact_l2(a, b, radius):
    return bisected(a, b, radius, lambda a, b, t: np.minimum((1 - t) * a, b), lambda s: np.sqrt((s**2).sum(axis=1)))


def sparse(rng: Generator, k: int):
    return rng.random((ROWS, k)) * (rng.random((ROWS, k)) < 0.2), rng.random((ROWS, k)) * (rng.random((ROWS, k)) < 0.5)


def equal(rng: Generator, k: int):
    return np.tile(rng.random((ROWS, 1)), (1, k)), np.tile(rng.random((ROWS, 1)), (1, k))


def ties(rng: Generator, k: int):
    return rng.integers(0, 4, (ROWS, k)) / 4.0, rng.integers(0, 4, (ROWS, k)) / 4.0


def no_room(rng: Generator, k: int):
    return rng.random((ROWS, k)), np.zeros((ROWS, k))


def nothing(rng: Generator, k: int):
    return np.zeros((ROWS, k)), rng.random((ROWS, k))


def staircase(rng: Generator, k: int):
    """Many kinks far apart, where Newton's method jumps across several of them and back."""
    a = np.cumsum(rng.integers(0, 2, (ROWS, k)) * rng.random((ROWS, k)) / k, axis=1)
    return a, np.where(rng.random((ROWS, k)) < 0.7, 1e-3, 1.0)


def magnitudes(rng: Generator, k: int):
    return 10.0 ** rng.uniform(-6, 0.3, (ROWS, k)), 10.0 ** rng.uniform(-6, 0, (ROWS, k))


def long(rng: Generator, k: int):
    return 50 + rng.random((ROWS, k)), np.where(rng.random((ROWS, k)) < 0.3, 0.0, 1.0)


CASES = [sparse, equal, ties, no_room, nothing, staircase, magnitudes, long]
EXACT = {"shrink_l1": exact_l1, "shrink_l2": exact_l2}
LENGTH = {"shrink_l1": lambda s: s.sum(axis=1), "shrink_l2": lambda s: np.sqrt((s**2).sum(axis=1))}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", CASES)
def test_shrinking_is_exact_on_degenerate_rows(name, dtype, make):
    """8 kinds x 4 widths x 4 radii x 500 rows, in each norm and dtype."""
    for k in (1, 2, 17, 64):
        a, b = (array.astype(dtype) for array in make(default_rng(k), k))
        for radius in (1e-2, 0.3, 4.0, 100.0):
            sizes = getattr(projections, name)(a, b, radius)
            assert sizes.dtype == dtype
            wide = sizes.astype(np.float64)
            expected = EXACT[name](a.astype(np.float64), b.astype(np.float64), radius)
            assert (wide >= 0).all()
            assert (wide <= np.minimum(a, b)).all()
            slack = 16 * np.finfo(dtype).eps
            assert (LENGTH[name](wide) <= radius * (1 + slack)).all()
            # a size is as exact as the longest coordinate that it is measured against
            off = np.abs(wide - expected).max(axis=1)
            assert (off <= slack * (radius + np.minimum(a, 2).max(axis=1)) + 1e-12).all()


@pytest.mark.parametrize("name", [*EXACT, "fill_l1", "fill_l2"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_is_answered_alone_whatever_stands_beside_it(name, dtype):
    rng = default_rng(0)
    rows = [make(rng, 17) for make in CASES]
    a, b = (np.concatenate([row[i][:20] for row in rows]).astype(dtype) for i in (0, 1))
    together = getattr(projections, name)(a, b, 0.3)
    alone = np.concatenate([getattr(projections, name)(a[i : i + 1], b[i : i + 1], 0.3) for i in range(len(a))])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_short_radius_is_kept_by_a_long_perturbation(name, dtype):
    for length in (1.0, 1e2, 1e4):
        for k in (1, 3, 64):
            sizes = getattr(projections, name)(np.full((2, k), length, dtype), np.ones((2, k), dtype), 1e-4)
            np.testing.assert_allclose(LENGTH[name](sizes.astype(np.float64)), 1e-4, rtol=1e-6)


@pytest.mark.parametrize("name", [*EXACT, "fill_l1", "fill_l2"])
def test_a_radius_may_be_given_for_each_row(name):
    rng = default_rng(0)
    a, b, radii = rng.random((30, 9)), rng.random((30, 9)), rng.random((30, 1))
    each = np.concatenate([getattr(projections, name)(a[i : i + 1], b[i : i + 1], radii[i, 0]) for i in range(30)])
    np.testing.assert_array_equal(getattr(projections, name)(a, b, radii), each)


@pytest.mark.parametrize("name", [*EXACT, "fill_l1", "fill_l2"])
def test_no_rows_are_no_trouble(name):
    assert getattr(projections, name)(np.zeros((0, 4)), np.zeros((0, 4)), 1.0).shape == (0, 4)
