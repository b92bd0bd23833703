import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

from agents.attackers import PGD
from agents.defenders import Plain
from arena.keeping.keys import Keys, identity
from scenarios import WhiteBox

GAME = WhiteBox(points=60, train=150)
SMALL = Plain(hidden=(16,), epochs=3)


def test_the_key_holds_what_a_match_depends_on_and_no_name(tmp_path):
    keys, me, you = Keys(GAME), identity(PGD(steps=3)), identity(SMALL)
    key = keys.match(me, you, 0)
    others = {
        keys.match(me, you, 1), keys.match(identity(PGD(steps=4)), you, 0), keys.match(you, me, 0),
        keys.match(me, identity(replace(SMALL, epochs=4)), 0), keys.training(you, 0),
        Keys(replace(GAME, points=61)).match(me, you, 0), Keys(replace(GAME, train=151)).match(me, you, 0),
    }  # fmt: skip
    assert len({key, *others}) == 8
    assert Keys(WhiteBox(points=60, train=150)).match(identity(PGD(steps=3)), you, 0) == key


PLAYER = """
from dataclasses import dataclass
from helper import {name}
from arena import Perturbation

@dataclass(frozen=True)
class Theirs:
    def move(self, view, rng):
        return Perturbation(view.field.x)
"""


ASK = "from theirs import Theirs; from arena.keeping.keys import identity; print(identity(Theirs()))"


def test_changed_code_of_a_player_is_another_player_and_a_neighbour_is_not(tmp_path):
    def asked():
        run = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
        return run.stdout

    env = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}{os.pathsep}{Path.cwd()}",
    }
    (tmp_path / "theirs.py").write_text(textwrap.dedent(PLAYER.format(name="SCALE")))
    (tmp_path / "helper.py").write_text("SCALE = 1\n")
    (tmp_path / "neighbour.py").write_text("x = 1\n")
    first = asked()
    (tmp_path / "neighbour.py").write_text("x = 2\n")
    assert asked() == first
    (tmp_path / "helper.py").write_text("SCALE = 2\n")
    second = asked()
    assert second != first
    (tmp_path / "theirs.py").write_text(textwrap.dedent(PLAYER.format(name="SCALE")) + "\n# changed\n")
    assert asked() not in (first, second)
