"""Rows in chunks that stay in cache, a thread a core, one BLAS thread each; chunks are cut by size alone.

NumPy releases the lock in products and elementwise work, so plain threads scale; and because no cut depends
on the number of threads, neither does any result.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from threadpoolctl import ThreadpoolController

CHUNK = 500


def cores() -> int:
    """The processors this process may use, less if OMP_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # not on macOS
    wished = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(wished)) if wished.isdigit() and int(wished) else allowed


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, every matrix product runs on the calling thread, so that its result has one value on any machine load."""
    several = [(library, n) for library in _controller().lib_controllers if (n := library.num_threads) > 1]
    try:  # as the controller's own limit does, in a fifth of its time
        for library, _ in several:
            library.set_num_threads(1)
        yield
    finally:
        for library, n in several:
            library.set_num_threads(n)


def blas_threads() -> int:
    """How many threads a matrix product may take at present."""
    libraries = _controller().lib_controllers
    return max((library.num_threads for library in libraries if library.user_api == "blas"), default=1)


def over_chunks(n: int, work: Callable[[slice], None], *, chunk: int = CHUNK) -> None:
    """Call `work` on consecutive slices of at most `chunk` of n rows, in parallel where there is more than one."""
    slices = [slice(start, min(start + chunk, n)) for start in range(0, n, chunk)]
    workers = min(len(slices), cores()) if len(slices) > 1 else 1
    if workers <= 1:
        for part in slices:
            work(part)
        return
    with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, slices))


@cache
def _controller() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
