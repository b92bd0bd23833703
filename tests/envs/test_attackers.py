"""An episode is a real match: the referee's numbers, the meter's counts, the ball, and examples that stay unseen."""

import gymnasium as gym
import numpy as np
import pytest

import arena.envs  # noqa: F401  # registers the environments
from arena import roster
from arena.envs.hosts import Host, rules

OPPONENT = "plain(epochs=5)"


def played(name, n, seed=0, **options):
    """The environment and n steps of a random agent in it: (obs, reward, terminated, truncated, info)."""
    env = gym.make(f"arena/{name}-v0", opponent=OPPONENT, networks=[0], **options).unwrapped
    env.reset(seed=seed)
    env.action_space.seed(seed)
    steps = []
    for _ in range(n):
        steps.append(env.step(env.action_space.sample()))
        if steps[-1][2] or steps[-1][3]:
            env.reset()
    return env, steps


def network(env):
    (field,) = env._episodes._live.values()
    return field, field.sitting.turn.view


@pytest.mark.parametrize("name", ["EvasionAttacker", "QueryAttacker"])
def test_the_reward_is_the_gain_in_margin_less_the_cost(name):
    env = gym.make(f"arena/{name}-v0", scenario="white-box", opponent=OPPONENT, networks=[0]).unwrapped
    env.reset(seed=1)
    state, (_, view) = env._episodes.state, network(env)

    def margin():
        (z,), (y,) = view.model.logits(state.x), state.y
        return np.delete(z, y).max() - z[y]

    env.action_space.seed(1)
    for _ in range(10):
        before = margin()
        _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        gain = margin() - before
        assert reward == pytest.approx(gain + terminated - env.course.cost, abs=1e-4)
        assert terminated == (margin() > 0)
        if terminated or truncated:
            env.reset()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("name", ["EvasionAttacker", "QueryAttacker"])
def test_no_action_leaves_the_ball(name, norm):
    radius = {"linf": 0.15, "l2": 1.0, "l1": 3.0}[norm]
    from arena import Ball
    from arena.envs.attackers import DEFAULTS, Course

    kind = "regions" if name == "QueryAttacker" else "pixels"
    course = Course(kind, **{**DEFAULTS[kind], "opponent": OPPONENT, "networks": [0]})
    from dataclasses import replace

    course.host.scenario = replace(course.host.scenario, ball=Ball(radius, norm))
    episodes, rng = course.episodes(30), np.random.default_rng(0)
    episodes.begin(range(30), rng)
    for _ in range(15):
        actions = rng.integers(course.craft.actions, size=30) if course.craft.actions else rng.uniform(-3, 3, (30, 64))
        episodes.advance(actions)
        state = episodes.state
        assert state.ball.violation(state.x, state.center).max() <= state.ball.tolerance


def test_the_meter_counts_what_the_environment_says():
    env, _ = played("QueryAttacker", 0, scenario="query(budget=20)")
    _, view = network(env)
    before = view.left.copy()
    for _ in range(5):
        *_, info = env.step(env.action_space.sample())
    assert (before - view.left).sum() == 5
    assert info["queries"] == 6
    assert view.left.max() == 19  # the first question was about each example as it is


def test_when_all_examples_are_back_the_referee_has_judged_the_match():
    env = gym.make("arena/EvasionAttacker-v0", opponent=OPPONENT, scenario="white-box(points=40)", steps=2).unwrapped
    env.reset(seed=0)
    field, _ = network(env)
    final = {}
    while field.sitting.turn is not None:
        env.step(env.action_space.sample())
        state = env._episodes.state
        final[state.center.tobytes()] = state.x[0].copy(), bool(state.fooled[0])
        env.reset()
    (scored,) = field.sitting.rounds
    for row, clean in enumerate(scored.field.x):
        if scored.clean[row]:
            x, fooled = final[clean.tobytes()]
            assert np.array_equal(scored.answer.x[row], x)
            assert scored.attacked[row] == (not fooled)


def test_a_rehearsal_shows_no_point_of_the_real_game():
    real, rehearsal = rules("query", "digits", False), rules("query", "digits")
    seen = {row.tobytes() for row in rehearsal.dataset.rows.x}
    unseen = {row.tobytes() for row in real.deal.fields[0].x}
    assert len(unseen) == 500
    assert seen.isdisjoint(unseen)


@pytest.mark.parametrize("name", ["EvasionAttacker", "QueryAttacker"])
def test_one_of_a_batch_plays_as_the_single_one_does(name):
    env = gym.make(f"arena/{name}-v0", opponent=OPPONENT, networks=[0], steps=6).unwrapped
    many = gym.make_vec(f"arena/{name}-v0", num_envs=1, opponent=OPPONENT, networks=[0], steps=6)
    assert np.array_equal(env.reset(seed=5)[0], many.reset(seed=5)[0][0])
    many.action_space.seed(5)
    over = False
    for _ in range(60):
        actions = many.action_space.sample()
        obs, reward, terminated, truncated, _ = many.step(actions)
        if over:
            assert np.array_equal(obs[0], env.reset()[0])
            assert (reward, terminated, truncated) == (0, False, False)
            over = False
            continue
        alone = env.step(actions[0])
        assert np.array_equal(obs[0], alone[0])
        assert (reward[0], terminated[0], truncated[0]) == (alone[1], alone[2], alone[3])
        over = alone[2] or alone[3]


def test_a_batch_asks_every_example_once_a_step_across_matches():
    many = gym.make_vec(
        "arena/QueryAttacker-v0", num_envs=50, opponent={OPPONENT: 0.5, "plain(epochs=3)": 0.5}, networks=[0, 1],
        scenario="query(budget=12, points=60)", steps=100,
    )  # fmt: skip
    many.reset(seed=0)
    many.action_space.seed(0)
    matches = set()
    for _ in range(40):
        obs, rewards, *_ = many.step(many.action_space.sample())
        assert obs in many.observation_space
        assert np.isfinite(rewards).all()
        matches |= set(many._episodes._live)
    assert len(matches) > 2


def test_a_mixture_draws_each_player_as_often_as_it_says():
    host = Host(rules("query", "digits"), {"plain": 0.8, "dropout": 0.2}, [0])
    rng = np.random.default_rng(0)
    drawn = [host.mixture.draw(rng) for _ in range(2000)]
    assert abs(drawn.count(roster.build("defenders", "plain")) / 2000 - 0.8) < 0.03


@pytest.mark.parametrize("name", ["EvasionAttacker", "QueryAttacker"])
def test_the_picture_is_pixels_and_the_text_says_what_is_read(name):
    env, _ = played(name, 3, render_mode="rgb_array")
    picture = env.render()
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    assert len(np.unique(picture)) > 10
    env.render_mode = "ansi"
    assert "0:0." in env.render()
    assert f"a {env._episodes.state.y[0]} is read as" in env.render()


def test_where_only_labels_are_in_sight_the_text_holds_no_scores():
    env, _ = played("QueryAttacker", 3, render_mode="ansi", scenario="query(access='labels', budget=20)")
    assert "is read as" in env.render()
    assert "margin" not in env.render()
    assert "0:0." not in env.render()
