import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results import Payoff
from results.game.payoffs import complete_part

NAN = np.nan


def named(matrix):
    rows, columns = np.shape(matrix)
    return Payoff(matrix, tuple(f"a{i}" for i in range(rows)), tuple(f"d{j}" for j in range(columns)))


@pytest.mark.parametrize(
    ("matrix", "left_out"),
    [
        ([[1, 2], [3, 4]], ()),
        ([[1, NAN, 3], [1, NAN, 3]], ("d1",)),
        ([[1, 2, 3], [NAN, NAN, NAN]], ("a1",)),
        ([[1, NAN, 3], [NAN, NAN, NAN], [1, NAN, 3]], ("a1", "d1")),
        ([[NAN, 2, 3], [4, 5, 6]], ("d0",)),
        ([[NAN]], ("a0",)),
    ],
)
def test_the_line_with_most_holes_goes_first(matrix, left_out):
    assert complete_part(named(matrix)).left_out == left_out


@given(st.lists(st.lists(st.sampled_from([0.5, NAN]), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_left_is_whole_and_keeps_its_names(matrix):
    whole = complete_part(named(matrix))
    assert np.isfinite(whole.matrix).all()
    assert len(whole.attackers) + len(whole.defenders) + len(whole.left_out) == len(matrix) + 3


def test_a_payoff_cannot_be_changed():
    matrix = np.zeros((1, 2))
    payoff = named(matrix)
    matrix[0, 0] = 1
    assert payoff == named([[0, 0]]) and payoff != named([[0, 1]]) and hash(payoff) == hash(named([[0, 0]]))
    with pytest.raises(ValueError, match="read-only"):
        payoff.matrix[0, 0] = 1


def test_names_fit_the_shape():
    with pytest.raises(ValueError, match=r"\(1, 2\) is not for 2 attackers and 1 defenders"):
        Payoff(np.zeros((1, 2)), ("a", "b"), ("d",))
