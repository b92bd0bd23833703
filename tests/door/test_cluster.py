"""A cluster as a user makes it: a scheduler and workers of their own, joined by the scheduler's address."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("distributed")

WORDS = [
    "white-box(points=60, train=150)", "--attackers", "noise,fgsm", "--seeds", "2",
    "--defenders", "plain=plain(hidden=[8], epochs=2),pair=ensemble(members=['plain(hidden=[8], epochs=1)'])",
]  # fmt: skip


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with two workers on this machine; the file that says where it listens."""
    file = tmp_path / "scheduler.json"
    quiet = ["--scheduler-file", str(file), "--no-dashboard"]
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", "0", *quiet],
        ["worker", "--nworkers", "2", "--nthreads", "1", "--local-directory", str(tmp_path / "scratch"), *quiet],
    ]
    with (tmp_path / "dask.log").open("w") as log:
        options = {"stdout": log, "stderr": log, "cwd": tmp_path, "start_new_session": True}
        started = [subprocess.Popen([sys.executable, "-m", "dask", *words], **options) for words in commands]
        yield file
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def address(file) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return json.loads(text)["address"]
        time.sleep(0.1)
    raise AssertionError(file.with_name("dask.log").read_text())


def test_a_cluster_joined_by_its_address_gives_the_same_table(door, scheduler):
    code, _, err = door("tournament", *WORDS, "--out", "there", "--cluster", address(scheduler))
    assert code == 0, err
    assert door("tournament", *WORDS, "--out", "here", "--workers", "1")[0] == 0
    assert door("export", "there")[1] == door("export", "here")[1]
    assert door("compare", "here", "there")[0] == 0


@pytest.mark.parametrize("address", ["here", "tcp:", "local:", "local:0", "local:two", "http://127.0.0.1:1"])
def test_an_address_of_no_cluster_is_refused(door, address):
    code, _, err = door("tournament", *WORDS, "--cluster", address)
    assert (code, "--cluster is tcp://host:port of a dask scheduler, or local:4" in err) == (2, True), err


def test_a_scheduler_that_does_not_answer_is_named(door, monkeypatch):
    monkeypatch.setattr("arena.door.cluster.PATIENCE", 1)
    code, _, err = door("tournament", *WORDS, "--cluster", "tcp://127.0.0.1:1")
    assert (code, "no dask scheduler answers at tcp://127.0.0.1:1" in err) == (2, True), err


def test_a_scheduler_without_workers_is_named(door, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("arena.door.cluster.PATIENCE", 1)
    with LocalCluster(n_workers=0, processes=True, dashboard_address=None) as empty:
        code, _, err = door("tournament", *WORDS, "--cluster", empty.scheduler_address)
    assert (code, f"the scheduler at {empty.scheduler_address} has no workers" in err) == (2, True), err
