import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import Plain
from arena.door.rehearsal import rehearse
from arena.door.settings import Settings
from arena.information import information
from results import Record, Seat, Store, StoreWriter
from scenarios import WhiteBox
from tests.door.conftest import ATTACKERS, GAME, Falls

SEEN = information(GAME.shows)
WORDS = [
    "white-box(points=60, train=150)", "--attackers", "noise,fgsm", "--defenders", "plain(epochs=2)", "--seeds", "2",
    "--workers", "1",
]  # fmt: skip


def test_the_table_of_a_run_is_read_from_its_store(door, run):
    expected = run("here")
    assert door("table", "here") == (0, f"{expected.grid(information=SEEN)}\n", "")
    more = run("here", {**ATTACKERS, "pgd": PGD(steps=2)})
    assert door("table", "here")[1] == f"{more.grid(information=SEEN)}\n"
    assert door("table", "here", "--plan", "1")[1] == f"{expected.grid(information=SEEN)}\n"
    code, _, err = door("table", "here", "--plan", "7")
    assert (code, "holds no plan 7" in err) == (2, True)


def test_runs_lists_what_is_there_and_how_far_it_is(door, run, tmp_path):
    assert "no runs in runs" in door("runs")[1]
    run("runs/one")
    run("runs/two")
    _, out, _ = door("runs")
    assert [line.split()[:4] for line in sorted(out.splitlines())] == [
        [f"runs/{n}", "4", "of", "4"] for n in ("one", "two")
    ]


def test_a_run_that_cannot_be_read_hides_no_other(door, run, tmp_path):
    run("runs/one")
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.sqlite").write_bytes(b"no database" * 500)
    code, out, _ = door("runs")
    assert code == 0
    assert "runs/broken" in out and "cannot be read" in out
    assert [line.split()[1:4] for line in out.splitlines() if "runs/one" in line] == [["4", "of", "4"]]


def test_show_says_who_plays_and_what_went_wrong(door, run):
    run("here", {"falls": Falls(), **ATTACKERS})
    _, out, _ = door("show", "here")
    for words in (
        "6 of 6 matches stored",
        "seeds      0, 1",
        "fgsm",
        "FGSM(",
        "falls against plain, seed 1: RuntimeError: no idea",
    ):
        assert words in out


def test_compare_pairs_the_points_and_names_who_came_and_went(door, run):
    run("before")
    run("after", {"noise": Noise(), "fgsm": FGSM(), "pgd": PGD(steps=2)}, epochs=4)
    code, out, _ = door("compare", "before", "after")
    assert code == 0
    for words in ("attacker   pgd joined", "defender   plain was", "of 2 shared pairs changed", "fgsm, plain"):
        assert words in out
    assert "0 of 2 shared pairs changed" in door("compare", "before", "before")[1]
    run("elsewhere", scenario=WhiteBox(points=61, train=150))
    assert "different test points" in door("compare", "before", "elsewhere")[1]


def test_the_interval_of_a_change_is_students_for_one_seed():
    from scipy.stats import ttest_1samp

    from results.storage.comparison import change

    rng = np.random.default_rng(0)
    was, now = rng.random((1, 400)) < 0.5, rng.random((1, 400)) < 0.6
    expected = ttest_1samp(now[0].astype(float) - was[0], 0).confidence_interval(0.95)
    mean, low, high = change(was, now)
    assert mean == pytest.approx(now.mean() - was.mean())
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=2e-4)  # n against n - 1 in the variance


def test_the_interval_of_a_change_covers_the_truth_over_points_and_seeds():
    from results.storage.comparison import change

    rng, truth, hit = np.random.default_rng(1), 0.1, 0
    for _ in range(200):
        easy = rng.random(100)
        shift = truth + 0.03 * rng.standard_normal((4, 1))
        was, now = easy * 0 + rng.random((4, 100)) < 0.5, rng.random((4, 100)) < 0.5 + shift
        _, low, high = change(was, now)
        hit += low <= truth <= high
    assert hit >= 180


def test_the_same_command_continues_and_says_so(door, tmp_path):
    first = door("tournament", *WORDS, "--out", "here")
    code, out, err = door("tournament", *WORDS, "--out", "here")
    assert code == 0
    assert out == first[1]
    assert "probing" in err
    code, _, err = door("tournament", *WORDS[:2], "noise,fgsm,pgd(steps=2)", *WORDS[3:], "--out", "here")
    assert "continuing: 4 of 6 matches are stored" in err
    played = [json.loads(line) for line in (tmp_path / "here" / "log.jsonl").read_text().splitlines()]
    assert [e["attacker"] for e in played if e["event"] == "played"].count("pgd(steps=2)") == 2
    assert sum(e["event"] == "played" for e in played) == 6


def test_a_second_tournament_on_a_run_is_refused(door, tmp_path):
    with StoreWriter.open(tmp_path / "here"):
        code, _, err = door("tournament", *WORDS, "--out", "here")
    assert code == 2
    assert "another process is writing to here" in err


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from arena.door.app import main
main()
"""


def test_a_full_disk_is_said_and_the_same_command_continues(tmp_path, run):
    game = WhiteBox(points=450, train=150)  # whose attacked rows take more than that
    expected = run("whole", scenario=game)
    words = [sys.executable, "-c", LIMITED, "tournament", "white-box(points=450, train=150)", *WORDS[1:4]]
    words += ["plain=plain(hidden=[16], epochs=2)", *WORDS[5:]]
    full = subprocess.run([*words, "--out", "here"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert full.returncode == 2, full.stderr
    assert "Nothing stored before is lost" in full.stderr and "Traceback" not in full.stderr
    assert run("here", scenario=game, examples=True) == expected


def test_a_dry_run_plays_nothing(door, tmp_path):
    code, out, _ = door("tournament", *WORDS, "--dry-run")
    assert code == 0
    for words in (
        "2 attackers × 1 defenders × 2 seeds: 4 matches",
        "trainings  2, each shared by 2 matches",
        "time       about",
    ):
        assert words in out
    assert not list(tmp_path.iterdir())


def test_a_dry_run_gives_up_on_what_does_not_end(monkeypatch):
    @dataclass(frozen=True)
    class Endless:
        def move(self, view, rng):
            time.sleep(60)

    @dataclass(frozen=True)
    class Dies:
        def move(self, view, rng):
            os._exit(3)

    monkeypatch.setattr("arena.door.rehearsal.PATIENCE", 3)
    game, plain, attackers = WhiteBox(points=60, train=150), Plain(hidden=(8,), epochs=1), {"endless": Endless()}
    said = rehearse(Settings(workers=2, seeds=[0]), game, attackers, {"plain": plain, "dies": Dies()})
    assert "lost       endless: no end after 3 s" in said
    assert "lost       dies: its process ended twice" in said
    assert "--time-limit SECONDS" in said
    # a tenth stands for the whole: 30 s for the training that died, and as much for each of two matches without an end
    assert float(re.search(r"at least \d+ s on 2 processes, (\d+) s on one", said)[1]) >= 90
    limited = rehearse(Settings(time_limit=2, workers=1, seeds=[0]), game, attackers, {"plain": plain})
    assert "no end after 2 s" in limited
    assert 2 <= float(re.search(r"about (\d+) s on 1 processes", limited)[1]) <= 4


def test_an_interrupted_run_shows_in_the_table_what_it_has(door, tmp_path):
    record = Record.of(
        scenario="s", attacker="a", defender="d", seed=0, clean=np.ones(4, bool), attacked=np.ones(4, bool)
    )
    with StoreWriter.open(tmp_path / "half") as store:
        store.begin("s", {"seeds": [0]}, [Seat(name, "d", 0, name, "t") for name in ("a", "b")])
        code, _, err = door("table", "half")
        assert (code, "holds no match yet" in err) == (2, True)
        store.add("a", [record])
    with Store.open(tmp_path / "half") as store:
        assert [seat.attacker for seat in store.missing()] == ["b"]
    assert door("table", "half")[0] == 0
