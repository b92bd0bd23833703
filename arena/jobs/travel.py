"""Jobs that travel by value: how they are sent, a few at once, and how they are done where they arrive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Self

from arena.jobs.allowance import allowed
from arena.jobs.runner import Failure, Job, Waiting, outcome_of

CHECKUP = 1.0  # seconds between looks at the pool's health


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


def arrived(payload: bytes, memory_limit: float | None = None) -> bytes:
    """Do a job where it has arrived, and send back what it came to."""
    import cloudpickle

    job, args = cloudpickle.loads(payload)  # and import what they need, which is no job's own memory
    with allowed(memory_limit):
        try:
            ended = outcome_of(job, args, memory_limit)
        except KeyboardInterrupt as error:  # the player's: where a job arrives nobody presses Ctrl-C
            ended = Failure.of(error)
    return cloudpickle.dumps(ended)
