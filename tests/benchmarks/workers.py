"""The default tournament in one process and on two workers: seconds, and their ratio.

`python -m tests.benchmarks.workers [rounds]`: rounds are interleaved and the median of their ratios counts; on a machine with
two quiet cores. Whole commands, and the matches alone by the run's own log. The one process keeps to one thread, as each
worker does; left alone it shares long chunks of rows out over the cores, which is timed beside.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path


def timed(workers: int, **environment: str) -> tuple[float, float, str]:
    """Seconds of the whole command, seconds of its matches, and what it printed down to the training seconds."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "arena", "tournament", "--workers", str(workers), "--out", folder]
        started = time.perf_counter()
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **environment})
        whole = time.perf_counter() - started
        events = [json.loads(line) for line in Path(folder, "log.jsonl").read_text().splitlines()]
    began, ended = (datetime.fromisoformat(events[i]["time"]) for i in (0, -1))
    # The first event is the end of the first training: add what it took.
    return whole, (ended - began).total_seconds() + (events[1].get("seconds") or 0.0), ran.stdout.split("training s")[0]


if __name__ == "__main__":
    ratios = []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        (one, alone, table), (free, _, also), (two, together, other) = timed(1, OMP_NUM_THREADS="1"), timed(1), timed(2)
        assert table == also == other
        ratios.append((two / one, together / alone, two / free))
        print(
            f"one process {one:5.1f} s ({alone:5.1f} of matches), with threads {free:5.1f} s,"
            f" two workers {two:5.1f} s ({together:5.1f} of matches)"
        )
    whole, matches, threads = (statistics.median(side) for side in zip(*ratios, strict=True))
    print(
        f"two workers take {whole:.2f} of the time of one process; {matches:.2f} for the matches alone; {threads:.2f} of the"
        " time of one process that threads on both cores"
    )
