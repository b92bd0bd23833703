import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.engine import threads


@given(st.integers(0, 2000), st.integers(1, 500))
def test_every_row_is_worked_on_once_in_slices_of_at_most_the_chunk(n, chunk):
    seen, lengths = np.zeros(n, int), []

    def work(part: slice) -> None:
        seen[part] += 1
        lengths.append(part.stop - part.start)

    threads.over_chunks(n, work, chunk=chunk)
    assert (seen == 1).all()
    assert all(0 < length <= chunk for length in lengths)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_the_cuts_do_not_depend_on_the_number_of_threads(monkeypatch, cores):
    monkeypatch.setattr(threads, "cores", lambda: cores)
    cuts = []
    threads.over_chunks(1000, lambda part: cuts.append((part.start, part.stop)), chunk=300)
    assert sorted(cuts) == [(0, 300), (300, 600), (600, 900), (900, 1000)]


def test_several_chunks_run_in_parallel(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 2)
    meeting = threading.Barrier(2, timeout=10)
    threads.over_chunks(2, lambda part: meeting.wait(), chunk=1)


@pytest.mark.parametrize("cores", [1, 2])
def test_an_error_in_a_chunk_reaches_the_caller(monkeypatch, cores):
    monkeypatch.setattr(threads, "cores", lambda: cores)

    def work(part: slice) -> None:
        if part.start == 200:
            raise ValueError("chunk 200")

    with pytest.raises(ValueError, match="chunk 200"):
        threads.over_chunks(300, work, chunk=100)


def test_cores_listen_to_omp_num_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert threads.cores() == 1
    for nonsense in ("", "0", "many", "-3"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert threads.cores() >= 1


def test_one_blas_thread_is_what_every_library_gets_and_what_it_had_comes_back():
    def now():
        return [library.num_threads for library in threads._controller().lib_controllers]

    with threads.one_blas_thread():
        for library in threads._controller().lib_controllers:
            library.set_num_threads(2)
        before = now()
        with pytest.raises(KeyError), threads.one_blas_thread():
            assert set(now()) == {1}
            assert threads.blas_threads() == 1
            raise KeyError
        assert now() == before
        for library in threads._controller().lib_controllers:
            library.set_num_threads(1)
