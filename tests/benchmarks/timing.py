"""Interleaved rounds: each round times every contender once, and a ratio is the median of the rounds' own ratios."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median


def rounds(
    contenders: Mapping[str, Callable[[], object]], n: int = 11, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each contender in each of n rounds, after one warm-up; `clock` may count those of one thread alone."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for i in range(n + 1):
        for name, run in contenders.items():
            started = clock()
            run()
            if i:
                seconds[name].append(clock() - started)
    return seconds


def repeated(run: Callable[[], object], calls: int) -> Callable[[], None]:
    """So many calls as one."""

    def all_of_them() -> None:
        for _ in range(calls):
            run()

    return all_of_them


def ratio(seconds: Mapping[str, list[float]], a: str, b: str) -> float:
    """Median over rounds of a's time divided by b's."""
    return median(x / y for x, y in zip(seconds[a], seconds[b], strict=True))


def report(title: str, seconds: Mapping[str, list[float]]) -> None:
    """Print the medians in milliseconds."""
    print(f"\n{title}")
    for name, times in seconds.items():
        print(f"  {name:<28} {1000 * median(times):9.2f} ms")
