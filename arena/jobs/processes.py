"""Jobs over local processes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import BrokenExecutor, Future
from multiprocessing import get_context
from typing import Any, Self

from arena.jobs.allowance import can_be_kept
from arena.jobs.children import child_settings, deaf, ignore_interrupts
from arena.jobs.runner import DIED, TIME, Failure, Waiting
from arena.jobs.travel import Pooled, arrived

OWN, POOLS = 5, 1  # how much of a death is a job's own, when its own process died, and when the whole pool went down


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
        self._pool = ProcessPool(max_workers=self._workers, context=spawn, initializer=ignore_interrupts)
        with deaf():
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
            started = self._pool.schedule(arrived, **given)
        except RuntimeError:  # it broke this moment
            self._reopen()
            started = self._pool.schedule(arrived, **given)
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


def _how(error: BaseException) -> str:
    code = getattr(error, "exitcode", None)
    return (
        "its pool broke again and again" if code is None else f"its process ended twice, at last with exit code {code}"
    )
