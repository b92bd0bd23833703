"""The vector forms keep the conventions of gymnasium's own: masks, infos, limits; and those that have none use gymnasium's."""

import gymnasium as gym
import numpy as np
import pytest

import arena.envs  # noqa: F401  # registers the environments
from arena import InvalidValue

OPTIONS = {
    "EvasionAttacker": {"opponent": "plain(epochs=3)"},
    "QueryAttacker": {"opponent": "plain(epochs=3)", "networks": [0]},
    "MetaGame": {},
}
SLOW = {
    "Poisoner": {"opponent": "plain(epochs=1)", "steps": 2},
    "Defender": {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1, "opponent": "fgsm"},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_only_the_masked_are_reset(name):
    many = gym.make_vec(f"arena/{name}-v0", num_envs=4, **OPTIONS[name])
    many.reset(seed=0)
    many.action_space.seed(0)
    before = many.step(many.action_space.sample())[0]
    mask = np.array([True, False, False, True])
    after = many.reset(options={"reset_mask": mask})[0]
    assert [not np.array_equal(*pair) for pair in zip(before, after, strict=True)] == mask.tolist()
    with pytest.raises(InvalidValue, match="truth values"):
        many.reset(options={"reset_mask": np.ones(3, bool)})


@pytest.mark.parametrize("name", OPTIONS)
def test_the_infos_are_those_of_gymnasiums_own_form(name):
    infos = []
    for mode in ("vector_entry_point", "sync"):
        many = gym.make_vec(f"arena/{name}-v0", num_envs=1, vectorization_mode=mode, **OPTIONS[name])
        infos.append([many.reset(seed=0)[1]])
        many.action_space.seed(0)
        infos[-1] += [many.step(many.action_space.sample())[-1] for _ in range(3)]
    for ours, theirs in zip(*infos, strict=True):
        assert set(ours) == set(theirs)
        for key in ours:
            assert np.array_equal(ours[key], theirs[key]), key


@pytest.mark.parametrize("name", OPTIONS)
def test_a_limit_of_steps_cuts_episodes_where_gymnasiums_own_does(name):
    seen = []
    for mode in ("vector_entry_point", "sync"):
        many = gym.make_vec(
            f"arena/{name}-v0", num_envs=1, max_episode_steps=3, vectorization_mode=mode, **OPTIONS[name]
        )
        many.reset(seed=0)
        many.action_space.seed(0)
        seen.append([many.step(many.action_space.sample())[:4] for _ in range(8)])
    for ours, theirs in zip(*seen, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert any(truncated[0] for *_, truncated in seen[0])


def test_where_all_have_just_begun_nobody_is_asked():
    many = gym.make_vec("arena/EvasionAttacker-v0", num_envs=2, opponent="randomised-smoothing(epochs=1)", steps=2)
    many.reset(seed=0)
    for _ in range(6):  # two steps and a fresh start, twice; a smoothed network cannot read no rows at all
        _, rewards, *_, info = many.step(np.zeros((2, 64), np.float32))
    assert (rewards == 0).all()
    assert info["queries"].tolist() == [1, 1]


@pytest.mark.parametrize("name", SLOW)
def test_environments_whose_step_is_a_training_have_gymnasiums_own_vector_form(name):
    many = gym.make_vec(f"arena/{name}-v0", num_envs=4, **SLOW[name])
    alone = gym.make(f"arena/{name}-v0", **SLOW[name]).unwrapped
    obs, _ = many.reset(seed=3)
    assert np.array_equal(obs[1], alone.reset(seed=4)[0])  # a seed each
    many.action_space.seed(0)
    for _ in range(2):
        actions = many.action_space.sample()
        obs, rewards, ended, *_ = many.step(actions)
        own = alone.step(actions[1])
        assert np.array_equal(obs[1], own[0])
        assert rewards[1] == own[1]
    assert ended.all()
