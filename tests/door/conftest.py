import sys

import pytest

from agents.attackers import FGSM, Noise
from agents.defenders import Plain
from arena import tournament
from arena.door.app import main
from results import StoreWriter
from scenarios import WhiteBox


@pytest.fixture
def door(monkeypatch, capsys, tmp_path):
    """Run `python -m arena …` in an empty folder; its exit code, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["arena", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run


class Falls:
    def __repr__(self):
        return "Falls()"

    def move(self, view, rng):
        raise RuntimeError("no idea")


GAME = WhiteBox(points=60, train=150)
ATTACKERS = {"noise": Noise(), "fgsm": FGSM()}


@pytest.fixture
def run(tmp_path):
    """Play a small tournament into a folder."""

    def play(name, attackers=ATTACKERS, epochs=2, scenario=GAME, **options):
        with StoreWriter.open(tmp_path / name) as store:
            players = {"plain": Plain(hidden=(16,), epochs=epochs)}
            return tournament(scenario, attackers, players, seeds=[0, 1], workers=1, store=store, **options)

    return play
