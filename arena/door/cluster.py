"""Where matches are played if not here: a dask cluster, on other machines or made on this one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from arena.errors import InvalidValue
from arena.jobs.children import child_settings

PATIENCE = 10  # seconds that a scheduler may take to answer, and to have its first worker


@contextmanager
def executor(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on the cluster at `tcp://host:port`, or on a new one of `local:4` processes, and how many workers it has."""
    kind, _, rest = address.partition(":")
    known = rest.isdigit() and int(rest) > 0 if kind == "local" else kind in ("tcp", "tls") and rest.strip("/")
    if not known:
        raise InvalidValue(
            f"--cluster is tcp://host:port of a dask scheduler, or local:4 for 4 processes; got {address!r}"
        )
    try:
        import distributed
    except ImportError as error:
        raise InvalidValue("--cluster needs dask: python -m pip install '.[cluster]'") from error
    dask: Any = distributed  # it ships half its types
    if kind == "local":
        made = {"n_workers": int(rest), "threads_per_worker": 1, "dashboard_address": None}
        with child_settings(), dask.LocalCluster(**made) as cluster, dask.Client(cluster) as client:
            yield client.get_executor(pure=False), int(rest)
        return
    try:
        client = dask.Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InvalidValue(
            f"no dask scheduler answers at {address} ({error}): start one with `dask scheduler`"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InvalidValue(
                f"the scheduler at {address} has no workers: start some with `dask worker {address}`"
            ) from error
        yield client.get_executor(pure=False), sum(client.nthreads().values())
