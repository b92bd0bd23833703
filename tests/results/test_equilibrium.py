import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import linprog

from results import NoEquilibriumError, Payoff, solve

GAUSSIAN = "gaussian"
KINDS = {
    GAUSSIAN: lambda rng, shape: rng.normal(size=shape),
    "integers": lambda rng, shape: rng.integers(-1, 2, size=shape),
    "shares": lambda rng, shape: rng.integers(0, 6, size=shape) / 5,
    "rank one": lambda rng, shape: np.outer(rng.integers(-2, 3, shape[0]), rng.integers(-2, 3, shape[1])) / 3,
}
games = arrays(np.int64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.integers(-2, 2))


@pytest.mark.parametrize(
    ("matrix", "attacker", "defender", "value"),
    [
        ([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], [1 / 3] * 3, [1 / 3] * 3, 0),
        ([[0, -1, 2], [1, 0, -1], [-2, 1, 0]], [1 / 4, 1 / 2, 1 / 4], [1 / 4, 1 / 2, 1 / 4], 0),
        ([[1, -1], [-1, 1]], [1 / 2] * 2, [1 / 2] * 2, 0),
        ([[3, 1], [0, 2]], [1 / 2, 1 / 2], [1 / 4, 3 / 4], 3 / 2),
        ([[3, 1], [0, 2], [-1, 0]], [1 / 2, 1 / 2, 0], [1 / 4, 3 / 4], 3 / 2),
        ([[2, 5], [1, 9]], [1, 0], [1, 0], 2),
        ([[2, 1, 3, 1]], [1], [0, 1 / 2, 0, 1 / 2], 1),
        ([[1], [2], [2]], [0, 1 / 2, 1 / 2], [1], 2),
        ([[0.3] * 4] * 3, [1 / 3] * 3, [1 / 4] * 4, 0.3),
        ([[0] * 2] * 3, [1 / 3] * 3, [1 / 2] * 2, 0),
        ([[7]], [1], [1], 7),
        ([[1, 0], [0, 1], [0.5, 0.5]], [1 / 3] * 3, [1 / 2] * 2, 0.5),
        ([[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 1, 1]], [1 / 6, 1 / 3, 1 / 3, 1 / 6], [1 / 3] * 3, 2 / 3),
    ],
)
def test_solved_games(matrix, attacker, defender, value):
    equilibrium = solve(matrix)
    np.testing.assert_allclose(equilibrium.attacker, attacker, atol=1e-9)
    np.testing.assert_allclose(equilibrium.defender, defender, atol=1e-9)
    assert equilibrium.value == pytest.approx(value, abs=1e-12)
    assert equilibrium.maximum_entropy


@pytest.mark.parametrize("kind", KINDS)
def test_neither_side_gains_by_deviating(kind):
    rng = np.random.default_rng(0)
    runs = 500 if kind == GAUSSIAN else 40
    matrices = [KINDS[kind](rng, rng.integers(1, 15, size=2)) for _ in range(runs)]
    solved = [solve(matrix) for matrix in matrices]
    gaps = [(A @ e.defender).max() - (e.attacker @ A).min() for A, e in zip(matrices, solved, strict=True)]
    assert max(gaps) < 1e-12
    assert all(e.maximum_entropy and e.gap == pytest.approx(g, abs=1e-14) for e, g in zip(solved, gaps, strict=True))


@settings(deadline=None, max_examples=35)
@given(games)
def test_an_equilibrium_keeps_its_promises(A):
    e = solve(A)
    for mixture in (e.attacker, e.defender):
        assert mixture.min() >= 0 and mixture.sum() == pytest.approx(1)
    assert e.max_min == A.min(axis=1).max() and e.min_max == A.max(axis=0).min()
    assert e.max_min - 1e-12 <= e.value <= e.min_max + 1e-12
    assert e.attacker_regret == pytest.approx(max((A @ e.defender).max() - e.value, 0), abs=1e-12)
    assert e.defender_regret == pytest.approx(max(e.value - (e.attacker @ A).min(), 0), abs=1e-12)
    assert e.gap == e.attacker_regret + e.defender_regret < 1e-9


@settings(deadline=None, max_examples=35)
@given(games)
def test_changing_sides_changes_the_sign(A):
    ours, theirs = solve(A), solve(-A.T)
    assert theirs.value == pytest.approx(-ours.value, abs=1e-12)
    np.testing.assert_allclose(theirs.attacker, ours.defender, atol=1e-7)
    np.testing.assert_allclose(theirs.defender, ours.attacker, atol=1e-7)


@settings(deadline=None, max_examples=35)
@given(games, st.randoms(use_true_random=False))
def test_the_order_of_strategies_does_not_matter(A, random):
    rows, columns = random.sample(range(len(A)), len(A)), random.sample(range(A.shape[1]), A.shape[1])
    plain, shuffled = solve(A), solve(A[np.ix_(rows, columns)])
    np.testing.assert_allclose(shuffled.attacker, plain.attacker[rows], atol=1e-7)
    np.testing.assert_allclose(shuffled.defender, plain.defender[columns], atol=1e-7)


def entropy_left(A, p, value):
    """How much a linear step inside the face of equilibria could raise the entropy of p: zero at the maximum only."""
    steepness = np.where(p > 0, -np.log(np.where(p > 0, p, 1.0)), 100.0)
    ones, bounds = np.ones((1, len(p))), (0, None)
    best = linprog(-steepness, A_ub=-A.T, b_ub=1e-12 - np.full(A.shape[1], value), A_eq=ones, b_eq=[1], bounds=bounds)
    return -best.fun - steepness @ p


@pytest.mark.parametrize("kind", ["integers", "shares", "rank one"])
def test_no_equilibrium_is_more_even(kind):
    rng = np.random.default_rng(1)
    for _ in range(40):
        A = np.asarray(KINDS[kind](rng, rng.integers(1, 10, size=2)), dtype=float)
        e = solve(A)
        assert entropy_left(A, e.attacker, e.value) < 1e-5
        assert entropy_left(-A.T, e.defender, -e.value) < 1e-5


@pytest.mark.parametrize("seed", range(5))
def test_a_copy_of_a_strategy_shares_its_weight(seed):
    A = np.random.default_rng(seed).normal(size=(5, 6))
    alone = solve(A)
    i, j = int(alone.attacker.argmax()), int(alone.defender.argmax())
    copied = solve(np.block([[A, A[:, [j]]], [A[[i]], A[[i]][:, [j]]]]))
    for side, k in (("attacker", i), ("defender", j)):
        before, after = getattr(alone, side), getattr(copied, side)
        expected = np.r_[before, before[k] / 2]
        expected[k] /= 2
        np.testing.assert_allclose(after, expected, atol=1e-9)
    assert copied.value == pytest.approx(alone.value)


@pytest.mark.parametrize("kind", KINDS)
def test_copies_never_move_the_value(kind):
    rng = np.random.default_rng(2)
    for _ in range(30):
        A = np.asarray(KINDS[kind](rng, rng.integers(1, 8, size=2)), dtype=float)
        rows, columns = (np.r_[np.arange(n), rng.integers(n, size=3)] for n in A.shape)
        assert solve(A[np.ix_(rows, columns)]).value == pytest.approx(solve(A).value, abs=1e-9 * np.abs(A).max())


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_units_do_not_matter(scale):
    A = np.random.default_rng(0).normal(size=(6, 7))
    plain, scaled = solve(A), solve(scale * A)
    np.testing.assert_allclose(scaled.attacker, plain.attacker, atol=1e-12)
    assert scaled.value / scale == pytest.approx(plain.value) and scaled.gap < 1e-12 * scale


def test_a_constant_does_not_matter():
    A = np.random.default_rng(0).normal(size=(6, 7))
    np.testing.assert_allclose(solve(A + 1e6).attacker, solve(A).attacker, atol=1e-7)


def test_names_are_kept():
    payoff = Payoff(np.eye(2), ("fgsm", "pgd"), ("plain", "dropout"))
    assert (solve(payoff).attackers, solve(payoff).defenders) == (("fgsm", "pgd"), ("plain", "dropout"))
    assert solve(np.eye(2)).attackers == ()


@pytest.mark.parametrize(
    ("matrix", "complaint"),
    [
        ([1, 2], r"payoff: a matrix .* not shape \(2,\)"),
        (np.zeros((0, 3)), r"at least one of each, not shape \(0, 3\)"),
        ([[1, 2], [3, np.nan]], r"\[1, 1\] is nan; leave"),
        ([[1, -np.inf]], r"\[0, 1\] is -inf; leave"),
    ],
)
def test_what_is_no_game_is_refused(matrix, complaint):
    with pytest.raises(ValueError, match=complaint):
        solve(matrix)


def test_a_solver_that_gives_up_is_reported(monkeypatch):
    class Failed:
        success, message = False, "time limit"

    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: Failed)
    with pytest.raises(NoEquilibriumError, match="time limit"):
        solve(np.eye(2))


def test_a_wrong_answer_is_reported(monkeypatch):
    monkeypatch.setattr("results.game.equilibrium.vertex", lambda B: (np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    with pytest.raises(NoEquilibriumError, match="gap: at most"):
        solve([[1, 0], [0, 2]])


def test_a_failed_polish_falls_back_and_says_so(monkeypatch):
    monkeypatch.setattr("results.game.equilibrium.most_even", lambda face: np.eye(len(face.used))[0])
    equilibrium = solve([[1, 0, 0], [0, 1, 1], [0, 1, 1]])
    assert not equilibrium.maximum_entropy
    assert equilibrium.gap < 1e-9 and equilibrium.value == pytest.approx(0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_200_by_200_is_solved_as_precisely(kind):
    assert solve(KINDS[kind](np.random.default_rng(0), (200, 200))).gap < 1e-9
