"""How child processes start: one BLAS thread each, freed memory kept, never the parent's script again, and deaf to Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

_SETTINGS = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # glibc: what a step frees the next takes again, instead of giving it back and fetching it page by page
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**27),
}


@contextmanager
def child_settings() -> Iterator[None]:
    """One BLAS thread a child, set before NumPy loads there, and memory kept; no child runs the parent's script again."""
    main = sys.modules["__main__"]
    before = {name: os.environ.get(name) for name in _SETTINGS}
    file, module_spec = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    os.environ.update(_SETTINGS)
    main.__file__, main.__spec__ = None, None
    try:
        yield
    finally:
        main.__file__, main.__spec__ = file, module_spec
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def deaf() -> Iterator[None]:
    """What starts inside, threads and processes, never hears Ctrl-C: that belongs to the parent, which stops the pool."""
    if not hasattr(signal, "pthread_sigmask"):
        yield  # Windows: deaf once `ignore_interrupts` has run
        return
    resource_tracker.ensure_running()  # or the first process starts it, and it lifts the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupts() -> None:
    """Hear no Ctrl-C from now on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
