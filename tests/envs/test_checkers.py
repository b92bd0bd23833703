"""The checkers of the field pass, every render mode included; pytest makes any warning of theirs an error."""

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

import arena.envs  # noqa: F401  # registers the environments

IDS = [f"arena/{name}-v0" for name in ("EvasionAttacker", "QueryAttacker", "Poisoner", "Defender", "MetaGame")]
QUICK = {
    "arena/Poisoner-v0": {"opponent": "plain(epochs=2)", "steps": 3},
    "arena/Defender-v0": {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1, "opponent": "fgsm"},
    "arena/QueryAttacker-v0": {"networks": [0], "opponent": "plain(epochs=5)"},
    "arena/EvasionAttacker-v0": {"opponent": "plain(epochs=5)"},
}


def made(name):
    return gym.make(name, **QUICK.get(name, {})).unwrapped


@pytest.mark.parametrize("name", IDS)
def test_gymnasiums_checker_passes(name):
    check_env(made(name))


@pytest.mark.parametrize("scenario", ["query(access='labels', budget=30)", "query(budget=30)", "white-box"])
@pytest.mark.parametrize("name", IDS[:2])
def test_the_attackers_pass_with_every_access(name, scenario):
    check_env(
        gym.make(name, scenario=scenario, opponent="plain(epochs=5)", networks=[0]).unwrapped, skip_render_check=True
    )


@pytest.mark.parametrize("name", IDS)
def test_stable_baselines_checker_passes(name):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(made(name))


@pytest.mark.parametrize("name", IDS)
def test_an_environment_can_be_named_in_json(name):
    assert gym.make(name, **QUICK.get(name, {})).spec.to_json()


SMALL = {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1}


def test_pettingzoos_checkers_pass_where_moves_alternate():
    checkers = pytest.importorskip("pettingzoo.test")
    from arena.envs.table import env

    checkers.api_test(env(**SMALL), num_cycles=6)
    checkers.seed_test(lambda: env(**SMALL), num_cycles=4)


def test_pettingzoos_checkers_pass_where_moves_are_simultaneous():
    checkers = pytest.importorskip("pettingzoo.test")
    from arena.envs.table import parallel_env

    checkers.parallel_api_test(parallel_env(**SMALL), num_cycles=4)
    checkers.parallel_seed_test(lambda: parallel_env(**SMALL), num_cycles=3)
