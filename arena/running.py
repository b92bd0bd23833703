"""Runners: jobs one after another in this process, or spread over processes of one BLAS thread each."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol, Self, TypeAlias

Job: TypeAlias = Callable[..., Any]
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Failure:
    """How a job ended that raised: the exception's type and text, which travel where the exception itself may not."""

    kind: str
    text: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The failure that an exception stands for."""
        return cls(type(error).__name__, str(error))


class Runner(Protocol):
    """Takes jobs with a tag each, and yields (tag, result or Failure) as they end; jobs may be added on the way."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def submit(self, tag: object, job: Job, *args: object) -> None:
        """Take a job."""

    def completed(self) -> Iterator[tuple[Any, Any]]:
        """Yield every job's end until none is left."""


def runner(workers: int) -> Runner:
    """A serial runner for one worker, else that many processes."""
    return Serial() if workers <= 1 else Processes(workers)


class Serial:
    """One job after another, here."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[object, Job, tuple[object, ...]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._jobs.clear()

    def submit(self, tag: object, job: Job, *args: object) -> None:
        """Take a job."""
        self._jobs.append((tag, job, args))

    def completed(self) -> Iterator[tuple[Any, Any]]:
        """Run the jobs in order."""
        while self._jobs:
            tag, job, args = self._jobs.popleft()
            yield tag, _outcome(job, args)


class Processes:
    """Spawned processes; what they need travels by value, so a script needs no `if __name__ == "__main__"`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._tags: dict[Future[Any], object] = {}

    def __enter__(self) -> Self:
        from pebble import ProcessPool

        self._settings = _child_settings()
        self._settings.__enter__()
        self._pool = ProcessPool(
            max_workers=self._workers, context=get_context("spawn"), initializer=_ignore_interrupts
        )
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble ships half its types
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._settings.__exit__(None, None, None)

    def submit(self, tag: object, job: Job, *args: object) -> None:
        """Send a job to the pool."""
        import cloudpickle

        self._tags[self._pool.schedule(_call, args=[cloudpickle.dumps((job, args))])] = tag

    def completed(self) -> Iterator[tuple[Any, Any]]:
        """Yield jobs as they end, in any order."""
        import cloudpickle

        while self._tags:
            done, _ = wait(self._tags, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                yield self._tags.pop(future), cloudpickle.loads(future.result()) if error is None else Failure.of(error)


@contextmanager
def _child_settings() -> Iterator[None]:
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


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which stops the pool


def _call(payload: bytes) -> bytes:
    import cloudpickle

    return cloudpickle.dumps(_outcome(*cloudpickle.loads(payload)))


def _outcome(job: Job, args: tuple[object, ...]) -> Any:
    try:
        return job(*args)
    except (Exception, SystemExit, GeneratorExit) as error:
        return Failure.of(error)
