import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass

import pytest

from agents.attackers import PGD, MomentumPGD, Noise
from agents.defenders import AdversarialTraining, Ensemble, Plain, SpectralNormalisation
from arena import ArenaError, tournament
from arena.jobs.elsewhere import Elsewhere
from arena.jobs.processes import Processes
from arena.jobs.runner import Failure, Serial
from results import StoreWriter
from scenarios import WhiteBox

GAME = WhiteBox(points=100, train=200)


def test_one_worker_and_two_give_the_same_table_to_the_bit():
    attackers = {"noise": Noise(), "pgd": PGD(steps=5, restarts=2), "momentum": MomentumPGD(steps=5)}
    defenders = {
        "plain": Plain(epochs=4), "hardened": AdversarialTraining(epochs=2, steps=3),
        "normalised": SpectralNormalisation(epochs=3), "pair": Ensemble(members=(Plain(epochs=2),) * 2),
    }  # fmt: skip
    one, two = (tournament(GAME, attackers, defenders, seeds=[0, 3], workers=workers) for workers in (1, 2))
    assert one == two
    assert len(one) == 24
    assert not any(record.forfeit for record in one.records)


def test_players_of_a_script_travel_to_the_processes(tmp_path):
    """No guard for __main__, a player class defined in the script, and a closure over a local variable."""
    script = tmp_path / "my_script.py"
    script.write_text(
        textwrap.dedent("""
        from dataclasses import dataclass
        from agents.attackers import Noise
        from agents.defenders import Plain
        from arena import Perturbation, tournament
        from scenarios import WhiteBox

        @dataclass(frozen=True)
        class Still:
            def move(self, view, rng):
                return Perturbation(view.field.x)

        print("begins")
        table = tournament(WhiteBox(points=40, train=100), {"still": Still(), "noise": Noise()},
                           {"plain": Plain(hidden=(8,), epochs=1)}, seeds=[0], workers=2)
        assert table.records[0].clean_hits == table.records[0].attacked_hits
        print("ends", len(table), [r.forfeit for r in table.records])
    """)
    )
    answer = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert answer.stdout == "begins\nends 2 ['', '']\n"


@dataclass(frozen=True)
class Job:
    def __call__(self, value):
        if value < 0:
            raise ValueError(f"negative: {value}")
        return value * 2, os.getpid(), os.environ.get("OMP_NUM_THREADS")


@pytest.mark.parametrize("make", [Serial, lambda: Processes(2)], ids=["serial", "processes"])
def test_jobs_end_with_their_result_or_their_error_and_may_be_added_on_the_way(make):
    ended = {}
    before = os.environ.get("OMP_NUM_THREADS")
    with make() as running:
        for value in (1, -1):
            running.submit(("first", value), Job(), value)
        for tag, result in running.completed():
            ended[tag] = result
            if tag == ("first", 1):
                running.submit(("second", 5), Job(), 5)
    assert ended["first", 1][0] == 2
    assert ended["second", 5][0] == 10
    assert ended["first", -1] == Failure("ValueError", "negative: -1")
    assert os.environ.get("OMP_NUM_THREADS") == before
    if make is not Serial:
        assert ended["first", 1][1] != os.getpid()
        assert ended["first", 1][2] == "1"


def test_processes_that_die_between_jobs_cost_no_job():
    def lingers(value):
        import threading

        threading.Timer(0.2, os._exit, (1,)).start()
        return value

    with Processes(2) as running:
        for value in range(6):
            running.submit(value, lingers, value)
        ended = dict(running.completed())
        time.sleep(0.5)  # both are gone, and the pool with them
        running.submit("after", Job(), 4)
        ended.update(running.completed())
    assert [ended[value] for value in range(6)] == [0, 1, 2, 3, 4, 5]
    assert ended["after"][0] == 8


def test_a_job_begins_as_soon_as_it_is_given(tmp_path):
    with Processes(1) as running:
        running.submit("touch", (tmp_path / "begun").touch)
        deadline = time.monotonic() + 60
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (tmp_path / "begun").exists()
        assert dict(running.completed()) == {"touch": None}


class KilledWorker(Exception):
    """Dask's, of a job that its workers died of."""


class Falters(Executor):
    """Plays the first job, and then breaks."""

    def __init__(self, how):
        self.how, self.played = how, 0

    def submit(self, job, *args):
        future = Future()
        self.played += 1
        if self.played == 1:
            future.set_result(job(*args))
        elif isinstance(self.how, RuntimeError) and not isinstance(self.how, BrokenExecutor):
            raise self.how
        elif self.how is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.how)
        return future


@pytest.mark.parametrize(
    "how", [None, RuntimeError("no new futures after shutdown"), BrokenExecutor("a process died")], ids=str
)
def test_an_executor_that_is_gone_costs_no_match_that_was_not_played(how, tmp_path):
    players = {"noise": Noise(), "pgd": PGD(steps=2)}, {"plain": Plain(hidden=(8,), epochs=1)}
    with StoreWriter.open(tmp_path) as store:
        with pytest.raises(ArenaError, match=f"the executor takes no more jobs .*{how or 'cancelled'}"):
            tournament(GAME, *players, seeds=[0, 1], store=store, executor=Falters(how), workers=1)
        assert not len(store.table())
        assert tournament(GAME, *players, seeds=[0, 1], store=store, workers=1) == tournament(
            GAME, *players, seeds=[0, 1], workers=1
        )


def test_a_job_that_a_cluster_gives_up_died_there():
    with Elsewhere(Falters(KilledWorker("job-1")), 1) as running:
        for tag in "ab":
            running.submit(tag, Job(), 1)
        ended = dict(running.completed())
    assert ended["a"][0] == 2
    assert ended["b"] == Failure("WorkerDied", "job-1")


def test_blas_has_one_thread_in_a_process():
    def threads():
        import numpy  # noqa: F401  # it is its BLAS that is asked about
        from threadpoolctl import threadpool_info

        return [pool["num_threads"] for pool in threadpool_info()]

    with Processes(1) as running:
        running.submit("threads", threads)
        ((_, found),) = running.completed()
    assert found and set(found) == {1}


def test_an_error_in_the_parent_stops_the_pool_and_restores_the_surroundings():
    main, before = sys.modules["__main__"], dict(os.environ)
    file = getattr(main, "__file__", None)
    with pytest.raises(KeyboardInterrupt), Processes(2) as running:
        for value in range(4):
            running.submit(value, Job(), value)
        raise KeyboardInterrupt
    assert getattr(main, "__file__", None) == file
    assert dict(os.environ) == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


SCRIPT = """
from dataclasses import dataclass
import autograd.numpy as np
from agents.attackers import FGSM, Noise
from arena import Deployment, tournament
from arena.engine import Dense, Layer, Sequential
from scenarios import WhiteBox

class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(first)

class Tanh(Layer):
    def forward(self, params, x, rng=None):
        return np.tanh(x)

@dataclass(frozen=True)
class Mine:
    def move(self, view, rng):
        sizes = (64, 8), (8, 10)
        first, last = (Dense.he(a, b, rng) for a, b in sizes)
        return Deployment(Sequential((first, Tanh(), last)))

@dataclass(frozen=True)
class Raises:
    def move(self, view, rng):
        raise Odd("one", "two")

game = WhiteBox(points=40, train=60)
players = {"noise": Noise(), "raises": Raises(), "fgsm": FGSM()}
tables = [tournament(game, players, {"mine": Mine()}, seeds=range(3), workers=workers) for workers in (1, 2)]
assert tables[0] == tables[1]
print(sorted({(r.attacker, r.forfeit) for r in tables[1].records}))
"""


def test_a_script_may_bring_its_own_layers_and_its_own_exceptions(tmp_path):
    (tmp_path / "own.py").write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, "own.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.stdout.strip() == "[('fgsm', ''), ('noise', ''), ('raises', 'Odd: one')]", ran.stderr
