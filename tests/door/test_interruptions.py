import os
import signal
import subprocess
import sys
import time

import pytest

from results import Store

SMALL = ["--attackers", "noise,pgd(steps=5)", "--defenders", "plain(epochs=3),dropout(epochs=3)", "--seeds", "2"]


def test_ctrl_c_keeps_what_is_finished(tmp_path):
    words = [
        "--defenders",
        "plain(epochs=3),adversarial-training(epochs=2000)",
        "--attackers",
        "noise,pgd",
        "--seeds",
        "1",
    ]
    command = [sys.executable, "-m", "arena", "tournament", *words, "--out", "here", "--workers", "2"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log, deadline = tmp_path / "here" / "log.jsonl", time.monotonic() + 60
    while time.monotonic() < deadline and not (log.exists() and log.read_text().count('"played"') >= 2):
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "2 finished records are kept" in err
    assert "noise" in out
    assert "the same command continues" in err
    with Store.open(tmp_path / "here") as store:
        assert len(store.table()) == 2


def test_ctrl_c_while_the_processes_start_is_one_line(tmp_path):
    command = [sys.executable, "-m", "arena", "tournament", "--out", "here", "--workers", "2"]
    options = {"cwd": tmp_path, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    rules = running.stderr.readline()
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the parent and its processes, which still import
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert rules.startswith("white-box on digits")
    assert err.count("\n") == 1 and "the same command" in err, err


@pytest.mark.parametrize("moment", ["arena.door.settings.settings", "arena.door.tournament.tournament"])
def test_ctrl_c_at_any_moment_says_how_to_go_on(door, monkeypatch, moment):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(moment, interrupted)
    code, out, err = door("tournament", *SMALL)
    assert (code, out) == (130, "")
    assert "the same command" in err.splitlines()[-1]


def test_ctrl_c_while_probing_keeps_every_match(door, tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("arena.probing.Probing.result", interrupted)
        code, out, err = door("tournament", *SMALL, "--out", "here", "--workers", "1")
    assert code == 130
    assert "noise" in out
    assert "the 8 finished records are kept in here; the same command continues" in err
    assert door("tournament", *SMALL, "--out", "here", "--workers", "1")[0] == 0
    assert (tmp_path / "here" / "log.jsonl").read_text().count('"played"') == 8


LOADING = """
import runpy, sys

class Impatient:
    def find_spec(self, name, path, target=None):
        if name == "arena.door.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Impatient())
runpy.run_module("arena", run_name="__main__")
"""


def test_ctrl_c_while_the_libraries_load_is_one_line():
    ran = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "interrupted before anything began\n")
