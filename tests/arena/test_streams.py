import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arena.streams import digest, stream

PARTS = st.lists(st.one_of(st.text(max_size=5), st.binary(max_size=5), st.integers()), max_size=4)


@given(PARTS, PARTS)
def test_different_parts_have_different_digests(first, second):
    def told(part: object) -> bytes:
        return part if isinstance(part, bytes) else str(part).encode()

    same = [told(part) for part in first] == [told(part) for part in second]
    assert (digest(*first) == digest(*second)) == same


def test_parts_are_delimited():
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert digest("a", "") != digest("a")


@given(PARTS)
def test_a_stream_belongs_to_its_parts(parts):
    first, again = stream(*parts), stream(*parts)
    np.testing.assert_array_equal(first.random(4), again.random(4))
    assert first.random() != stream(*parts, "more").random()


def test_digests_and_streams_are_the_same_on_every_machine():
    assert digest("attacker", 0, b"\x00").startswith("5b595928f4fc8087")
    assert stream("a").bit_generator.random_raw() == 12651552156618252902


def test_streams_of_neighbouring_seeds_are_unrelated():
    draws = np.stack([stream("attacker", seed).standard_normal(2000) for seed in range(20)])
    correlations = np.corrcoef(draws)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(2000)


def test_no_global_random_state_is_read_or_set():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    stream("a", 1).random(10)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
