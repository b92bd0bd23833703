"""How much memory a job may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STATUS = Path("/proc/self/statm")


@contextmanager
def allowed(megabytes: float | None) -> Iterator[None]:
    """Inside, memory beyond what the process holds and `megabytes` more is refused with MemoryError; None: no limit.

    Works where the system keeps address-space limits and says how much is in use (Linux); elsewhere nothing is limited.
    """
    if megabytes is None or not _STATUS.exists():
        yield
        return
    import resource

    held = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + int(megabytes * 2**20), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
