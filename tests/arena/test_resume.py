import json
import multiprocessing
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import DeepPartitionAggregation, Ensemble, FeatureSqueezing, Plain, RandomisedSmoothing
from arena import Deployment, tournament
from arena.engine import mlp
from arena.engine.layers import Layer
from arena.engine.storage import load_value
from arena.keeping.shelf import kept
from results import Store, StoreWriter
from scenarios import WhiteBox

GAME = WhiteBox(points=60, train=150)
SMALL = Plain(hidden=(16,), epochs=3)
ATTACKERS = {"noise": Noise(), "fgsm": FGSM(), "pgd": PGD(steps=3)}
DEFENDERS = {
    "plain": SMALL,
    "pair": Ensemble(members=(SMALL, SMALL)),
    "squeezed": FeatureSqueezing(hidden=(16,), epochs=3),
}
SEEDS = (0, 4)


@pytest.fixture(scope="module")
def serial():
    return tournament(GAME, ATTACKERS, DEFENDERS, seeds=SEEDS, workers=1)


def stored(folder, attackers=ATTACKERS, defenders=DEFENDERS, seeds=SEEDS, **options):
    with StoreWriter.open(folder) as store:
        return tournament(GAME, attackers, defenders, seeds=seeds, store=store, **{"workers": 1, **options})


class Heard:
    """An observer that remembers who played, and whose networks came."""

    def __init__(self):
        self.matches, self.rows = [], []

    def opened(self, defender, seed, opening):
        self.rows.append((defender, seed))

    def played(self, records):
        self.matches += [(r.attacker, r.defender, r.seed) for r in records]


def test_a_store_changes_nothing_in_the_table(serial, tmp_path):
    assert stored(tmp_path) == serial
    with Store.open(tmp_path) as store:
        assert store.table() == serial
        assert set(store.table().training_seconds) == {(d, s) for d in DEFENDERS for s in SEEDS}


def test_two_processes_and_a_shuffled_order_give_the_same_bits(serial, tmp_path):
    assert stored(tmp_path / "two", workers=2) == serial
    names = list(ATTACKERS), list(DEFENDERS)
    for turn in range(2):
        for group in names:
            random.Random(turn).shuffle(group)
        attackers, defenders = (
            {n: kind[n] for n in group} for kind, group in zip((ATTACKERS, DEFENDERS), names, strict=True)
        )
        stored(tmp_path / str(turn), attackers, defenders, SEEDS[::-1])
        assert stored(tmp_path / str(turn), observer=(heard := Heard())) == serial
        assert not heard.matches


def test_any_executor_gives_the_same_bits(serial, tmp_path):
    with ThreadPoolExecutor(1) as executor:
        assert stored(tmp_path, executor=executor, workers=1) == serial


def test_dask_gives_the_same_bits(serial, tmp_path):
    pytest.importorskip("distributed")
    from arena.door.cluster import executor

    with executor("local:2") as (dask, workers):
        assert stored(tmp_path, executor=dask, workers=workers) == serial


def test_what_is_stored_is_not_played_again(serial, tmp_path):
    stored(tmp_path, {"noise": Noise()}, examples=True)
    heard = Heard()
    assert stored(tmp_path, observer=heard) == serial
    assert len(heard.matches) == 12 and {a for a, _, _ in heard.matches} == {"fgsm", "pgd"}
    again = Heard()
    assert stored(tmp_path, observer=again) == serial
    assert not again.matches and not again.rows
    with Store.open(tmp_path) as store:
        noisy = [seat for seat in store.seats() if seat.attacker == "noise"]
        for seat in noisy:
            with np.load(store.examples(seat.match), allow_pickle=False) as arrays:
                assert arrays["x0"].shape == (60, 64)


@pytest.mark.parametrize(
    "defender",
    [
        *DEFENDERS.values(),
        RandomisedSmoothing(hidden=(16,), epochs=2, copies=3),
        DeepPartitionAggregation(partitions=3, member=SMALL),
    ],
    ids=lambda player: type(player).__name__,
)
def test_a_training_is_loaded_bit_for_bit_and_not_made_again(tmp_path, defender, monkeypatch):
    whole = tournament(GAME, ATTACKERS, {"d": defender}, seeds=[0], workers=1)
    stored(tmp_path, {"noise": Noise()}, {"d": defender}, [0])
    monkeypatch.setattr(type(defender), "move", lambda *_: pytest.fail("it was trained again"))
    assert stored(tmp_path, ATTACKERS, {"d": defender}, [0]) == whole


class Odd(Layer):
    """Not a dataclass with plain fields: it cannot be written."""

    def __init__(self):
        self.bias = np.float32(1)

    def forward(self, params, x, rng=None):
        return x + self.bias


@dataclass(frozen=True)
class Unkeepable:
    def move(self, view, rng):
        from arena.engine import Sequential

        return Deployment(Sequential((*mlp((64, 10), rng=rng).layers, Odd())))


def test_a_network_that_cannot_be_written_is_trained_again(tmp_path):
    whole = tournament(GAME, ATTACKERS, {"odd": Unkeepable()}, seeds=[0], workers=1)
    stored(tmp_path, {"noise": Noise()}, {"odd": Unkeepable()}, [0])
    assert not list(tmp_path.glob("networks/*"))
    assert stored(tmp_path, ATTACKERS, {"odd": Unkeepable()}, [0]) == whole
    assert not any(record.forfeit for record in whole.records)


def test_a_kept_network_that_was_damaged_is_trained_again(serial, tmp_path):
    stored(tmp_path, {"noise": Noise()})
    for path in tmp_path.glob("networks/*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    assert stored(tmp_path) == serial


def test_a_file_cannot_name_a_class_that_is_not_the_defenders_own(tmp_path):
    description = json.dumps({"layer": "Popen", "args": {"tuple": ["true"]}})
    np.savez(tmp_path / "x.npz", description=np.array(description))
    with pytest.raises(ValueError, match="unknown layer 'Popen'"):
        load_value(tmp_path / "x.npz", {})
    assert kept(tmp_path / "x.npz", SMALL) is None


def test_a_run_killed_at_ten_random_moments_and_resumed_is_the_same_run(serial, tmp_path):
    fork = multiprocessing.get_context("fork")
    moments, killed, halves = random.Random(7), 0, 0
    started = time.monotonic()
    stored(tmp_path / "undisturbed", examples=True)
    usual, tmp_path = time.monotonic() - started, tmp_path / "killed"
    while killed < 10:
        run = fork.Process(target=stored, args=(tmp_path,), kwargs={"examples": True})
        run.start()
        run.join(moments.uniform(0.0, usual))
        killed += run.is_alive()
        run.kill()
        run.join()
        halves += 0 < count(tmp_path) < len(serial)
        if run.exitcode == 0:  # it was done before its moment came: another run
            with Store.open(tmp_path) as store:
                assert store.table() == serial
            shutil.rmtree(tmp_path)
    assert halves
    assert stored(tmp_path) == serial
    assert count(tmp_path) == len(serial)
    with StoreWriter.open(tmp_path) as store:
        assert store._one("PRAGMA integrity_check") == ("ok",)


def count(folder) -> int:
    """The rounds stored, whatever the run's state."""
    if not (folder / "run.sqlite").exists():
        return 0
    with StoreWriter.open(folder) as store:
        return store._one("SELECT count(*) FROM rounds")[0]


TWO = """
import sys
from tests.arena.test_resume import stored
print("begins", flush=True)
stored(sys.argv[1], workers=2)
"""


def test_a_parent_of_two_processes_killed_leaves_a_run_that_goes_on(serial, tmp_path):
    run = subprocess.Popen([sys.executable, "-c", TWO, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "begins\n"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list(tmp_path.glob("networks/*.npz")):
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert stored(tmp_path) == serial
