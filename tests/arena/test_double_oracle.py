import numpy as np
import pytest

from arena.psro.double_oracle import double_oracle
from results import solve
from results.game.turns import bracket, mean_interval

ROCK_PAPER_SCISSORS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], float)
BIASED = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]], float)


class Exact:
    """A matrix game, its best responses by looking."""

    def __init__(self, A, row=0, column=0):
        self.A, self.rows, self.columns = A, [row], [column]

    def start(self):
        return self.A[np.ix_(self.rows, self.columns)][:, :, None]

    def attack(self, defender, number):
        self.rows.append(int((self.A[:, self.columns] @ defender).argmax()))
        return self.A[self.rows[-1], self.columns][:, None]

    def defend(self, attacker, number):
        known = self.rows[: len(attacker)]
        self.columns.append(int((attacker @ self.A[known]).argmin()))
        return self.A[known, self.columns[-1]][:, None]

    def meet(self):
        return self.A[self.rows[-1], self.columns[-1]][None]


def played(A, turns=400, **start):
    game = Exact(A, **start)
    return game, list(double_oracle(game.start(), game, turns))


@pytest.mark.parametrize("A", [ROCK_PAPER_SCISSORS, BIASED], ids=["rps", "biased"])
def test_it_finds_the_equilibrium_of_rock_paper_scissors_from_one_strategy_each(A):
    game, turns = played(A)
    last = turns[-1][0]
    assert last.settled
    assert last.lower == pytest.approx(0, abs=1e-9)
    assert last.upper == pytest.approx(0, abs=1e-9)
    weights = np.bincount(game.columns[: len(last.defender)], weights=last.defender, minlength=3)
    np.testing.assert_allclose(weights, solve(A).defender, atol=1e-9)
    assert len(turns) <= 4


@pytest.mark.parametrize("seed", range(12))
def test_random_games_end_at_the_value_of_the_linear_program(seed):
    rng = np.random.default_rng(seed)
    A = (
        rng.standard_normal(rng.integers(2, 16, 2))
        if seed % 2
        else rng.integers(-1, 2, rng.integers(2, 16, 2)).astype(float)
    )
    _, turns = played(A)
    last = turns[-1][0]
    assert last.settled
    assert last.value == pytest.approx(solve(A).value, abs=1e-8)


def test_every_turn_brackets_the_value_and_the_best_bracket_only_narrows():
    A = np.random.default_rng(5).standard_normal((15, 15))
    value = solve(A).value
    turns = [turn for turn, _ in played(A)[1]]
    assert len(turns) > 5
    for number, turn in enumerate(turns):
        assert turn.lower - 1e-9 <= value <= turn.upper + 1e-9
        low, high = bracket(turns[: number + 1])
        assert turns[low].lower == max(t.lower for t in turns[: number + 1])
        assert turns[high].upper == min(t.upper for t in turns[: number + 1])


def test_the_budget_ends_it_and_it_goes_on_from_there_as_if_never_stopped():
    A = np.random.default_rng(6).standard_normal((12, 12))
    whole = played(A)[1]
    game = Exact(A)
    part = list(double_oracle(game.start(), game, 3))
    assert len(part) == 3
    assert not part[-1][0].settled
    rest = list(double_oracle(part[-1][1], game, 400, first=3))
    assert [turn for turn, _ in part + rest] == [turn for turn, _ in whole]


def test_a_response_worse_than_what_is_known_counts_for_nothing():
    class Bungling(Exact):
        def attack(self, defender, number):
            self.rows.append(int((self.A[:, self.columns] @ defender).argmin()))
            return self.A[self.rows[-1], self.columns][:, None]

    game = Bungling(ROCK_PAPER_SCISSORS)
    turn, _ = next(double_oracle(game.start(), game, 1))
    assert turn.upper == turn.value == 0


def test_the_interval_of_a_gap_is_students():
    x = np.array([0.1, 0.3, 0.2, 0.6])
    interval = mean_interval(x)
    half = 3.182446305284263 * x.std(ddof=1) / 2
    np.testing.assert_allclose((interval.low, interval.estimate, interval.high), (0.3 - half, 0.3, 0.3 + half))
    assert mean_interval(np.array([0.25])).low == 0.25
