"""Jobs, how they end, what they share, and the runner that does them one after another in this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

T = TypeVar("T")
Job: TypeAlias = Callable[..., Any]
Waiting: TypeAlias = tuple[object, Job, tuple[object, ...]]
TIME, MEMORY, DIED = "TimeLimit", "MemoryLimit", "WorkerDied"
OF_THE_MACHINE = (TIME, MEMORY, DIED)  # failures that another machine, or another limit, may not show


@dataclass(frozen=True)
class Failure:
    """How a job ended that raised: the exception's type and text, which travel where the exception itself may not."""

    kind: str
    text: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The failure that an exception stands for."""
        return cls(type(error).__name__, str(error))


class Shared(Generic[T]):
    """A value that many jobs take: pickled once, and unpickled once in each process."""

    def __init__(self, value: T, content: bytes = b"") -> None:
        self.value, self._content = value, content

    def __reduce__(self) -> tuple[Callable[[bytes], Shared[Any]], tuple[bytes]]:
        import cloudpickle

        self._content = self._content or cloudpickle.dumps(self.value)
        return _received, (self._content,)


@lru_cache(maxsize=16)
def _received(content: bytes) -> Shared[Any]:
    import cloudpickle

    return Shared(cloudpickle.loads(content), content)


class Runner(Protocol):
    """Takes jobs with a tag each, and yields (tag, result or Failure) as they end; jobs may be added on the way."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def submit(self, tag: object, job: Job, *args: object) -> None:
        """Take a job."""

    def completed(self) -> Iterator[tuple[Any, Any]]:
        """Yield every job's end until none is left."""


def runner(workers: int, *, time_limit: float | None = None, memory_limit: float | None = None) -> Runner:
    """A serial runner for one worker, else that many processes; limits, in seconds and MB a job, need a process to enforce."""
    if workers <= 1 and time_limit is None and memory_limit is None:
        return Serial()
    from arena.jobs.processes import Processes

    return Processes(max(workers, 1), time_limit, memory_limit)


class Serial:
    """One job after another, here."""

    def __init__(self) -> None:
        self._jobs: deque[Waiting] = deque()

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
            yield tag, outcome_of(job, args)


def outcome_of(job: Job, args: tuple[object, ...], memory_limit: float | None = None) -> Any:
    """A job's result, or how it failed."""
    try:
        return job(*args)
    except MemoryError as error:
        return Failure.of(error) if memory_limit is None else Failure(MEMORY, f"needs over {memory_limit:g} MB")
    except KeyboardInterrupt:  # the user's
        raise
    except BaseException as error:  # a player may raise anything, as foreign code does that panics
        return Failure.of(error)
