"""What does not fit is refused where it is given, by name, and harms nobody later."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

import arena.envs  # noqa: F401  # registers the environments
from arena import InvalidValue

OPTIONS = {
    "EvasionAttacker": {"opponent": "plain(epochs=3)", "scenario": "white-box(points=40)", "steps": 2},
    "QueryAttacker": {"opponent": "plain(epochs=3)", "networks": [0], "steps": 2},
    "Poisoner": {"opponent": "plain(epochs=1)", "steps": 2},
    "Defender": {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1, "opponent": "fgsm"},
    "MetaGame": {"rounds": 2},
}
CONTINUOUS, DISCRETE = ("EvasionAttacker", "Defender"), ("QueryAttacker", "Poisoner", "MetaGame")


def made(name):
    return gym.make(f"arena/{name}-v0", **OPTIONS[name]).unwrapped


def over(env):
    """Step to the end of an episode."""
    ended = False
    while not ended:
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        ended = terminated or truncated


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize("action", [np.nan, np.inf, "short", None])
def test_an_action_that_is_no_number_is_refused_at_its_step_and_leaves_no_trace(name, action):
    env, twin = made(name), made(name)
    for each in (env, twin):
        each.reset(seed=0)
        each.action_space.seed(0)
    size = env.action_space.shape[0]
    with pytest.raises(InvalidValue, match="finite numbers of shape"):
        env.step({"short": np.zeros(size - 1), None: None}.get(action, np.full(size, action)))
    same = env.action_space.sample(), twin.action_space.sample()
    assert np.array_equal(env.step(same[0])[0], twin.step(same[1])[0])


@pytest.mark.parametrize("name", DISCRETE)
@pytest.mark.parametrize("action", [-1, "n", 10**30, "1", 0.0, None, [0, 0]])
def test_an_action_out_of_range_is_refused_with_the_range(name, action):
    env = made(name)
    env.reset(seed=0)
    n = env.action_space.n
    with pytest.raises(InvalidValue, match=f"from 0 to {n - 1}"):
        env.step(n if action == "n" else action)
    env.step(np.int64(n - 1))


def test_a_list_of_seeds_for_a_batch_is_refused_with_the_way_out():
    with pytest.raises(InvalidValue, match="drawn from one stream: give one seed; got \\[1, 2\\]"):
        gym.make_vec("arena/EvasionAttacker-v0", num_envs=2, **OPTIONS["EvasionAttacker"]).reset(seed=[1, 2])


def test_a_bad_action_in_a_batch_harms_none_of_the_others():
    many = gym.make_vec("arena/EvasionAttacker-v0", num_envs=8, **OPTIONS["EvasionAttacker"])
    many.reset(seed=0)
    many.action_space.seed(0)
    bad = many.action_space.sample()
    bad[0, 3] = np.nan
    with pytest.raises(InvalidValue, match="finite"):
        many.step(bad)
    for _ in range(60):  # across the ends of matches, which the referee judges
        assert np.isfinite(many.step(many.action_space.sample())[0]).all()


@pytest.mark.parametrize("shape", [(1, 64), (64,), (3, 1), (), (4, 64)])
def test_a_batch_takes_as_many_actions_as_it_has_environments(shape):
    many = gym.make_vec("arena/EvasionAttacker-v0", num_envs=3, **OPTIONS["EvasionAttacker"])
    many.reset(seed=0)
    with pytest.raises(InvalidValue, match="shape"):
        many.step(np.zeros(shape))


@pytest.mark.parametrize("name", OPTIONS)
def test_there_is_no_step_before_the_first_reset_and_none_after_the_end(name):
    env = made(name)
    with pytest.raises(ResetNeeded, match="reset"):
        env.step(env.action_space.sample())
    env.reset(seed=0)
    over(env)
    with pytest.raises((ResetNeeded, InvalidValue), match="reset"):
        env.step(env.action_space.sample())
    env.reset()
    env.step(env.action_space.sample())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"scenario": "transfer"}, "answers questions"),
        ({"scenario": "white-box(rounds=2)"}, "one round"),
        ({"scenario": "query(budget=2)"}, "at least 3"),
        ({"opponent": {"plain": 0.4}}, "sum to 1"),
        ({"opponent": "runs/of/nobody"}, "does not exist"),
        ({"opponent": None}, "spec, a mixture"),
        ({"networks": []}, "networks"),
        ({"networks": 0}, "networks"),
        ({"steps": 1}, "steps"),
        ({"cost": float("nan")}, "cost"),
        ({"cost": -1}, "cost"),
        ({"girth": 4}, "must be one of scenario"),
    ],
)
def test_a_wrong_course_is_refused_by_name(options, told):
    with pytest.raises(InvalidValue, match=told):
        gym.make("arena/QueryAttacker-v0", **options)


def test_a_parameter_of_another_environment_is_refused():
    with pytest.raises(InvalidValue, match="grid"):
        gym.make("arena/EvasionAttacker-v0", grid=3)


def test_a_ragged_table_is_refused():
    with pytest.raises(InvalidValue, match="matrix"):
        gym.make("arena/MetaGame-v0", table=[[0.0, 1.0], [1.0]])


SMALL = {"scenario": "white-box(rounds=2, points=60, train=200)", "epochs": 1}


def test_a_table_for_two_refuses_half_a_round_and_plays_on_as_if_nothing_had_been_said():
    pytest.importorskip("pettingzoo")
    from arena.envs.table import parallel_env

    tables = parallel_env(**SMALL), parallel_env(**SMALL)
    for table in tables:
        table.reset(seed=0)
    good = np.zeros(5, np.float32)
    for bad in ({}, {"defender_0": good}, {"defender_0": good, "attacker_0": np.full(5, np.nan)}):
        with pytest.raises(InvalidValue, match=r"both agents act|finite"):
            tables[0].step(bad)
    once, again = (table.step({"defender_0": good, "attacker_0": good}) for table in tables)
    assert np.array_equal(once[0]["attacker_0"], again[0]["attacker_0"])
    assert once[1] == again[1]


def test_a_table_for_two_does_not_play_before_its_reset_nor_draw_in_unknown_ways():
    pytest.importorskip("pettingzoo")
    from arena.envs.table import raw_env

    with pytest.raises(ResetNeeded):
        raw_env(**SMALL).step(np.zeros(5, np.float32))
    with pytest.raises(InvalidValue, match="render_mode"):
        raw_env(render_mode="human", **SMALL)


def test_a_refused_move_leaves_the_repeated_game_as_it_was():
    env, twin = made("MetaGame"), made("MetaGame")
    for each in (env, twin):
        each.reset(seed=0)
    with pytest.raises(InvalidValue):
        env.step(2)
    once, again = ([each.step(0)[-1]["answer"] for _ in range(2)] for each in (env, twin))
    assert once == again
