import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from agents.attackers import Noise
from agents.defenders import Plain
from arena import InvalidValue, Perturbation, tournament
from results import Store, StoreWriter
from scenarios import WhiteBox

GAME = WhiteBox(points=40, train=100)
PLAIN = {"plain": Plain(hidden=(8,), epochs=1)}


@dataclass(frozen=True)
class Exits:
    def move(self, view, rng):
        os._exit(3)


@dataclass(frozen=True)
class Endless:
    def move(self, view, rng):
        while True:
            time.sleep(0.01)


@dataclass(frozen=True)
class Garbage:
    def move(self, view, rng):
        return {"x": view.field.x}


@dataclass(frozen=True)
class Greedy:
    def move(self, view, rng):
        held = [np.empty(2**24) for _ in range(40)]  # 5 GB in all
        return Perturbation(view.field.x + np.float32(0 * len(held)))


@dataclass(frozen=True)
class KilledOnce:
    """Its process dies by a signal the first time, as one that the system kills for memory would."""

    mark: str

    def move(self, view, rng):
        if not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), 9)
        return Perturbation(view.field.x)


def test_what_goes_wrong_is_a_row_with_its_reason_and_nothing_else_changes(tmp_path):
    alone = tournament(GAME, {"noise": Noise()}, PLAIN, seeds=[0], workers=1)
    odd = {"exits": Exits(), "endless": Endless(), "garbage": Garbage(), "greedy": Greedy()}
    players = {**odd, "killed once": KilledOnce(str(tmp_path / "mark")), "noise": Noise()}
    with StoreWriter.open(tmp_path / "run") as store:
        table = tournament(
            GAME, players, PLAIN, seeds=[0], workers=2, time_limit=5, memory_limit=600, store=store
        )  # fmt: skip
    with Store.open(tmp_path / "run") as store:
        assert store.table() == table
    reasons = {a: {r.forfeit for r in table.records if r.attacker == a} for a in players}
    assert reasons == {
        "exits": {"WorkerDied: its process ended twice, at last with exit code 3"},
        "endless": {"TimeLimit: no end after 5 s"},
        "garbage": {"IllegalMove: an attacker answers with a Perturbation; got dict"},
        "greedy": {"MemoryLimit: needs over 600 MB"},
        "killed once": {""},
        "noise": {""},
    }
    assert table.where(attacker="noise") == alone


def test_a_match_that_the_machine_broke_off_is_played_again_on_request_alone(tmp_path):
    mark = tmp_path / "mark"

    @dataclass(frozen=True)
    class Late:
        def move(self, view, rng):
            if not mark.exists():
                mark.touch()
                time.sleep(30)
            return Perturbation(view.field.x)

    def run(**options):
        with StoreWriter.open(tmp_path / "run") as store:
            given = {"noise": Noise(), "late": Late()}
            found = tournament(GAME, given, PLAIN, seeds=[0], workers=1, store=store, time_limit=2, **options)
        return [r.forfeit for r in found.records]

    first = run()
    assert first[0] == "" and first[1] == "TimeLimit: no end after 2 s"
    assert run() == first
    assert run(retry=True) == ["", ""]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"time_limit": 0}, "time_limit must be a finite number above 0; got 0"),
        ({"memory_limit": -1}, "memory_limit must be a finite number above 0; got -1"),
        ({"time_limit": 1, "executor": True}, "time_limit is for local processes"),
    ],
)
def test_limits_that_cannot_be_kept_are_refused(limits, message):
    with pytest.raises(InvalidValue, match=message):
        tournament(GAME, {"noise": Noise()}, PLAIN, **limits)


def test_a_memory_limit_that_the_system_does_not_keep_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("arena.jobs.allowance._STATUS", tmp_path / "no such file")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with pytest.raises(InvalidValue, match="a memory limit can be kept on Linux alone, this is Darwin: leave it out"):
        tournament(GAME, {"noise": Noise()}, PLAIN, memory_limit=500)
    assert len(tournament(GAME, {"noise": Noise()}, PLAIN, seeds=[0], workers=1)) == 1
