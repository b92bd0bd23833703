"""How much memory a job may take."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.errors import InvalidValue

_STATUS = Path("/proc/self/statm")
_ENDLESS = 2**62  # bytes: more than the system can count to is no limit


def can_be_kept() -> None:
    """InvalidValue where the system keeps no limit on memory, or does not say how much is in use: elsewhere than on Linux."""
    if not _STATUS.exists():
        raise InvalidValue(
            f"a memory limit can be kept on Linux alone, this is {platform.system() or 'another system'}: leave it out"
            " (--memory-limit, memory_limit), or limit the processes with the system's own means"
        )


@contextmanager
def allowed(megabytes: float | None) -> Iterator[None]:
    """Inside, memory beyond what the process holds and `megabytes` more is refused with MemoryError; None: no limit."""
    if megabytes is None:
        yield
        return
    import resource

    held = int(_STATUS.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _ENDLESS if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_AS, (min(held + int(megabytes * 2**20), most), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
