"""100,000 matches that cost nothing: stored per second, the parent's memory as they come, and the time of their table.

`python -m tests.benchmarks.store [matches]`: one process, with the tournament's own schedule, referee and store. Seconds are
the process's own (CPU), so that a busy machine does not count.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from arena import tournament
from arena.moves import Deployment, Perturbation
from arena.referee import Round
from arena.scenario import AttackerTurn, DefenderTurn
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView, EvasionView
from results import Record, Seat, Store, StoreWriter
from scenarios import WhiteBox

POINTS, SEEDS, PLAYERS = 500, 10, 100
TASK = WhiteBox(points=POINTS)
HITS = np.random.default_rng(0).random((2, 97, POINTS)) < 0.7


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """A scenario whose outcome is drawn from a short table."""

    name = "nothing"
    shows = EvasionView
    lineup = {}  # noqa: RUF012  # a protocol's attribute

    @property
    def threat(self):
        return ThreatModel(ball=Ball(0.1), access="nothing")

    def content(self) -> str:
        return "nothing"

    def turns(self):
        field = TASK.deal.fields[0]
        yield DefenderTurn(DefenderView(field[:1], 10, self.threat))
        move = yield AttackerTurn(EvasionView(field[:1], self.threat.ball))
        which = int(move.x)
        return (Round(HITS[0, which], HITS[1, which], field, field, None),)


@dataclass(frozen=True, kw_only=True)
class Draws:
    number: int = 0

    def move(self, view, rng):
        return Perturbation(np.float32(rng.integers(97)))


@dataclass(frozen=True, kw_only=True)
class Deploys:
    number: int = 0

    def move(self, view, rng):
        return Deployment(None)


class Watch:
    """Prints the parent's memory as matches come in."""

    def __init__(self, every: int) -> None:
        self._every, self._count, self._started = every, 0, time.process_time()

    def opened(self, *_: object) -> None: ...

    def played(self, records: object) -> None:
        self._count += 1
        if self._count % self._every == 0:
            held = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
            rate = self._count / (time.process_time() - self._started)
            print(f"  {self._count:>7} matches  {rate:7.0f} a second  parent holds {held:6.1f} MB", flush=True)


def stored_alone(matches: int) -> None:
    """The store without a tournament."""
    records = [
        Record.of(scenario="s", attacker="a", defender="d", seed=0, clean=HITS[0, i], attacked=HITS[1, i])
        for i in range(97)
    ]
    with tempfile.TemporaryDirectory() as folder, StoreWriter.open(folder) as store:
        store.begin("s", {}, (Seat("a", "d", i, f"{i:032x}", "t") for i in range(matches)))
        started = time.process_time()
        for i in range(matches):
            store.add(f"{i:032x}", [records[i % 97]], 0.1)
        store.flush()
        print(f"the store alone: {matches / (time.process_time() - started):.0f} matches a second")


def played(matches: int, workers: int) -> None:
    """A whole tournament of nothing into a store, and its table."""
    rows = max(matches // (PLAYERS * SEEDS), 1)
    attackers = {f"attacker {i}": Draws(number=i) for i in range(PLAYERS)}
    defenders = {f"defender {i}": Deploys(number=i) for i in range(rows)}
    count = len(attackers) * len(defenders) * SEEDS
    with tempfile.TemporaryDirectory() as folder:
        print(f"a tournament of {count} matches, {workers} worker{'s' * (workers > 1)}")
        with StoreWriter.open(folder) as store:
            watch, started = Watch(count // 5), time.process_time()
            tournament(
                Nothing(), attackers, defenders, seeds=range(SEEDS), workers=workers, store=store, observer=watch
            )  # fmt: skip
            print(f"  in all {count / (time.process_time() - started):.0f} matches a second, with plan and table")
        with Store.open(folder) as store:
            started = time.process_time()
            table = store.table()
            read = time.process_time() - started
            started = time.process_time()
            grid = table.grid()
            print(f"  table of {len(table)} read in {read:.2f} s; its grid with intervals and equilibrium ", end="")
            print(f"in {time.process_time() - started:.2f} s ({len(grid.attackers)} × {len(grid.defenders)})")
            started = time.process_time()
            assert store.outcomes().played.all()
            print(f"  outcomes as arrays in {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    stored_alone(wanted)
    played(wanted, 1)
