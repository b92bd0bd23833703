"""A package of a stranger's, built, installed and played: an attacker, a defender, a scenario and a broken entry."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

ENTRY_POINTS = """[arena.attackers]
grey = their_players:Grey
broken = their_players.broken:Gone

[arena.defenders]
centroids = their_players:Centroids

[arena.scenarios]
half-seen = their_players:HalfSeen
"""

# The smallest backend: it needs neither a network nor a build tool installed.
BACKEND = """
import zipfile
from pathlib import Path

INFO = "their_players-1.0.dist-info"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {str(path): path.read_text() for path in sorted(Path("their_players").glob("*.py"))}
    files[f"{INFO}/METADATA"] = "Metadata-Version: 2.1\\nName: their-players\\nVersion: 1.0\\n"
    files[f"{INFO}/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[f"{INFO}/entry_points.txt"] = Path("entry_points.txt").read_text()
    files[f"{INFO}/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{INFO}/RECORD"])
    name = "their_players-1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""

PLAYERS = '''
from dataclasses import dataclass

import numpy as np

from arena import DefenderView, Deployment, GradientView, Perturbation
from arena.engine import Dense, Sequential
from scenarios import WhiteBox


@dataclass(frozen=True, kw_only=True)
class Grey:
    """Pulls every pixel towards grey."""

    level: float = 0.5

    def move(self, view: GradientView, rng) -> Perturbation:
        return Perturbation(view.ball.project(np.full_like(view.field.x, self.level), view.field.x))


@dataclass(frozen=True, kw_only=True)
class Centroids:
    """The nearest class mean, as a linear network."""

    def move(self, view: DefenderView, rng) -> Deployment:
        means = np.stack([view.train.x[view.train.y == k].mean(axis=0) for k in range(view.classes)])
        return Deployment(Sequential((Dense(2 * means.T, -(means**2).sum(axis=1)),)))


@dataclass(frozen=True, kw_only=True)
class HalfSeen(WhiteBox):
    """White box on few points."""

    points: int = 80
    name = "half-seen"
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that the package is installed into."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    (source / "their_players").mkdir()
    for name, text in {"pyproject.toml": PYPROJECT, "entry_points.txt": ENTRY_POINTS, "backend.py": BACKEND}.items():
        (source / name).write_text(text)
    (source / "their_players" / "__init__.py").write_text(PLAYERS)
    (source / "their_players" / "broken.py").write_text("import a_library_that_is_not_there\n")
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*words, "--target", str(target), str(source)], capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        pytest.skip("no pip to install with")
    assert done.returncode == 0, done.stderr
    return target


def ran(installed, tmp_path, *words):
    paths = [str(installed), str(Path.cwd()), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run([sys.executable, *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)


def arena(installed, tmp_path, *words):
    return ran(installed, tmp_path, "-m", "arena", *words)


def test_strangers_are_listed_and_the_broken_one_names_its_owner(installed, tmp_path):
    listed = arena(installed, tmp_path, "list").stdout
    flat = " ".join(listed.split())
    for words in (
        "grey Pulls every pixel towards grey. level=0.5",
        "centroids The nearest class mean",
        "half-seen White box",
    ):
        assert words in flat
    assert "'broken' from their-players (their_players.broken:Gone) cannot be imported" in flat
    assert "a_library_that_is_not_there" in flat


def test_strangers_play_in_processes_and_their_networks_are_kept(installed, tmp_path):
    words = [
        "tournament",
        "half-seen",
        "--attackers",
        "noise,grey(level=0.4)",
        "--defenders",
        "plain(epochs=2),centroids",
    ]
    done = arena(installed, tmp_path, *words, "--seeds", "1", "--workers", "2", "--out", "here")
    assert done.returncode == 0, done.stderr
    assert "half-seen: accuracy" in done.stdout and "forfeit" not in done.stdout
    assert len(list((tmp_path / "here" / "networks").iterdir())) == 2


PLAYED = """
from agents.attackers import FGSM, Noise
from agents.defenders import Plain
from arena import roster, tournament
from results import StoreWriter
from scenarios import WhiteBox

class Observer:
    def opened(self, *_): pass
    def played(self, records): print(records[0].attacker, records[0].defender)

defenders = {"plain": Plain(hidden=(8,), epochs=1), "centroids": roster.build("defenders", "centroids")}
with StoreWriter.open("run") as store:
    tournament(WhiteBox(points=60, train=150), {"noise": Noise(), "fgsm": FGSM()}, defenders, seeds=[0], workers=1,
               store=store, observer=Observer())
"""


def test_a_changed_plug_in_is_played_anew_and_the_others_are_not(installed, tmp_path):
    assert ran(installed, tmp_path, "-c", PLAYED).stdout.count("\n") == 4
    assert ran(installed, tmp_path, "-c", PLAYED).stdout == ""
    module = installed / "their_players" / "__init__.py"
    module.write_text(module.read_text().replace("2 * means.T", "3 * means.T"))
    assert ran(installed, tmp_path, "-c", PLAYED).stdout == "noise centroids\nfgsm centroids\n"


def test_the_default_lineup_goes_on_without_the_broken_one(installed, tmp_path):
    plan = arena(
        installed, tmp_path, "tournament", "--dry-run", "white-box(points=20, train=60)", "--defenders", "centroids"
    )
    assert plan.returncode == 0, plan.stderr
    assert "left out: 'broken' from their-players" in plan.stderr
    assert "grey" in plan.stdout
    asked = arena(installed, tmp_path, "tournament", "--attackers", "broken")
    assert asked.returncode == 2
    assert "'broken' from their-players" in asked.stderr
