"""Jobs through any executor of concurrent.futures, on one machine or many."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from arena.errors import ArenaError
from arena.jobs.runner import DIED, Failure, Waiting
from arena.jobs.travel import Pooled, arrived


class Elsewhere(Pooled):
    """Any executor; its workers import the arena, and keep to their own limits.

    A job that dask gives up, as its workers died of it, has failed; where the executor itself is gone, ArenaError is raised.
    """

    def __init__(self, executor: Executor, workers: int) -> None:
        super().__init__(workers)
        self._executor = executor

    def _start(self, payload: bytes) -> Future[bytes]:
        try:
            return self._executor.submit(arrived, payload)
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
