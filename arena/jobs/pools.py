"""Jobs over local processes, or through any executor of concurrent.futures."""

from __future__ import annotations

import os
import signal
import sys
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from typing import Any, Self

from arena.errors import ArenaError
from arena.jobs.allowance import allowed, can_be_kept
from arena.jobs.runner import DIED, TIME, Failure, Job, Waiting, outcome_of

CHECKUP = 1.0  # seconds between looks at the pool's health
OWN, POOLS = 5, 1  # how much of a death is a job's own, when its own process died, and when the whole pool went down
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Pooled(ABC):
    """Jobs that travel by value, a few ahead of the workers and no more, so that memory does not grow with their number."""

    def __init__(self, workers: int) -> None:
        self._window = 4 * workers
        self._waiting: deque[Waiting] = deque()
        self._running: dict[Future[bytes], Waiting] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for future in self._running:
            future.cancel()

    def submit(self, tag: object, job: Job, *args: object) -> None:
        """Take a job, and begin it if there is room."""
        self._waiting.append((tag, job, args))
        self._fill()

    def completed(self) -> Iterator[tuple[Any, Any]]:
        """Yield jobs as they end, in any order."""
        while self._waiting or self._running:
            self._fill()
            done, _ = wait(self._running, timeout=CHECKUP, return_when=FIRST_COMPLETED)
            for future in done:
                waiting = self._running.pop(future)
                yield from ((waiting[0], result) for result in self._ended(future, waiting))

    def _fill(self) -> None:
        """Send as many jobs on their way as the window holds."""
        import cloudpickle

        while self._waiting and len(self._running) < self._window:
            waiting = self._waiting.popleft()
            self._running[self._start(cloudpickle.dumps(waiting[1:]))] = waiting

    def _ended(self, future: Future[bytes], waiting: Waiting) -> list[Any]:
        """What a job came to; nothing if it goes back into the queue."""
        import cloudpickle

        try:
            return [cloudpickle.loads(future.result())]
        except Exception as error:
            return [Failure.of(error)]

    @abstractmethod
    def _start(self, payload: bytes) -> Future[bytes]:
        """Send a pickled job on its way."""


class Elsewhere(Pooled):
    """Any executor, on one machine or many; its workers import the arena, and keep to their own limits.

    A job that dask gives up, as its workers died of it, has failed; where the executor itself is gone, ArenaError is raised.
    """

    def __init__(self, executor: Executor, workers: int) -> None:
        super().__init__(workers)
        self._executor = executor

    def _start(self, payload: bytes) -> Future[bytes]:
        try:
            return self._executor.submit(_call, payload)
        except (RuntimeError, ValueError, OSError) as error:
            raise _gone(error) from error

    def _ended(self, future: Future[bytes], waiting: Waiting) -> list[Any]:
        if future.cancelled():
            raise _gone("it has cancelled its jobs")
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            raise _gone(error) from error
        if type(error).__name__ == "KilledWorker":  # of dask, which is imported where it is asked for alone
            return [Failure(DIED, str(error))]
        return super()._ended(future, waiting)


def _gone(why: object) -> ArenaError:
    return ArenaError(f"the executor takes no more jobs ({why}); nothing stored is lost, the same call continues")


class Processes(Pooled):
    """Spawned processes; what they need travels by value, so a script needs no `if __name__ == "__main__"`.

    A job is stopped after `time_limit` seconds, and gets `memory_limit` MB beyond what its process already holds. A job whose
    process dies is tried once more: the next death is its own. Where the pool itself goes down with a process, nobody knows
    for whose sake: a new pool takes the jobs over, and a job that is there too often is given up.
    """

    def __init__(self, workers: int, time_limit: float | None = None, memory_limit: float | None = None) -> None:
        super().__init__(workers)
        if memory_limit is not None:
            can_be_kept()
        self._workers, self._time_limit, self._memory_limit = workers, time_limit, memory_limit
        self._blame: Counter[object] = Counter()

    def __enter__(self) -> Self:
        self._settings = child_settings()
        self._settings.__enter__()
        self._open()
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble ships half its types
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._settings.__exit__(None, None, None)

    def _open(self) -> None:
        """A pool whose processes start now, and import while the first jobs are prepared."""
        from pebble import ProcessPool

        spawn = get_context("spawn")
        self._pool = ProcessPool(max_workers=self._workers, context=spawn, initializer=_ignore_interrupts)
        with _deaf():
            self._pool.active  # noqa: B018  # to be asked starts it

    def _fill(self) -> None:
        if not self._pool.active:
            self._reopen()
        super()._fill()

    def _reopen(self) -> None:
        """A new pool for the one that broke, and for the jobs that it will never end."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        for future in [future for future in self._running if not future.done()]:
            self._waiting.appendleft(self._running.pop(future))
        self._open()

    def _start(self, payload: bytes) -> Future[bytes]:
        given: dict[str, Any] = {"args": [payload, self._memory_limit], "timeout": self._time_limit}
        started: Future[bytes]
        try:
            started = self._pool.schedule(_call, **given)
        except RuntimeError:  # it broke this moment
            self._reopen()
            started = self._pool.schedule(_call, **given)
        return started

    def _ended(self, future: Future[bytes], waiting: Waiting) -> list[Any]:
        from pebble import ProcessExpired

        error = future.exception()
        if isinstance(error, TimeoutError):
            return [Failure(TIME, f"no end after {self._time_limit:g} s")]
        if not isinstance(error, ProcessExpired | BrokenExecutor):
            return super()._ended(future, waiting)
        self._blame[waiting[0]] += OWN if isinstance(error, ProcessExpired) else POOLS
        if self._blame[waiting[0]] >= 2 * OWN:
            return [Failure(DIED, _how(error))]
        self._waiting.appendleft(waiting)
        return []


@contextmanager
def child_settings() -> Iterator[None]:
    """One BLAS thread a child, set before NumPy loads there; and no child runs the parent's script again."""
    main = sys.modules["__main__"]
    before = {name: os.environ.get(name) for name in _THREAD_LIMITS}
    file, module_spec = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
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
def _deaf() -> Iterator[None]:
    """What starts inside, threads and processes, never hears Ctrl-C: that belongs to the parent, which stops the pool."""
    if not hasattr(signal, "pthread_sigmask"):
        yield  # Windows: deaf once `_ignore_interrupts` has run
        return
    resource_tracker.ensure_running()  # or the first process starts it, and it lifts the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how(error: BaseException) -> str:
    code = getattr(error, "exitcode", None)
    return (
        "its pool broke again and again" if code is None else f"its process ended twice, at last with exit code {code}"
    )


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _call(payload: bytes, memory_limit: float | None = None) -> bytes:
    import cloudpickle

    job, args = cloudpickle.loads(payload)  # and import what they need, which is no job's own memory
    with allowed(memory_limit):
        ended = outcome_of(job, args, memory_limit)
    return cloudpickle.dumps(ended)
