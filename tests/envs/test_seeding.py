"""The same seed gives the same trajectory in another process, whatever its number of BLAS threads and its hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import arena.envs  # noqa: F401  # registers the environments
from arena.streams import digest

ROOT = Path(__file__).parents[2]
OPTIONS = {
    "EvasionAttacker": {"opponent": "plain(epochs=2)", "networks": [0, 1]},
    "QueryAttacker": {"opponent": "plain(epochs=2)", "networks": [0, 1]},
    "Poisoner": {"opponent": "plain(epochs=1)", "steps": 2},
    "Defender": {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1, "opponent": "fgsm"},
    "MetaGame": {},
}
STEPS = {"Poisoner": 2, "Defender": 2}


def trajectory(name, vectorised):
    """A digest of everything that a random agent meets."""
    make = {"num_envs": 3} if vectorised else {}
    env = (gym.make_vec if vectorised else gym.make)(f"arena/{name}-v0", **make, **OPTIONS[name])
    env.action_space.seed(7)
    told = [env.reset(seed=7)]
    for _ in range(STEPS.get(name, 100)):
        told.append(env.step(env.action_space.sample()))
        if not vectorised and (told[-1][2] or told[-1][3]):
            told.append(env.reset())
    return digest(*(repr([x.tolist() if hasattr(x, "tolist") else x for x in step]) for step in told))


CASES = [(name, vectorised) for name in OPTIONS for vectorised in (False, True)]


@pytest.fixture(scope="session")
def elsewhere():
    """The digests of all cases, from a process with two BLAS threads and another hash seed."""
    program = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_seeding as t; t.tell()"
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "5"}
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return dict(zip(CASES, told.stdout.split(), strict=True))


def tell():
    print("\n".join(trajectory(*case) for case in CASES))  # noqa: T201  # to the process that asked


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{'many' if case[1] else 'one'}")
def test_the_same_seed_gives_the_same_trajectory_in_another_process(case, elsewhere):
    assert trajectory(*case) == elsewhere[case]
