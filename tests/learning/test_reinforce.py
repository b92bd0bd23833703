"""The learner: its gradient is the gradient, its returns are the sums, and it learns on examples it is not judged by."""

import numpy as np
from scipy.stats import kstest, norm, uniform

from agents.attackers import PolicyAttacker
from agents.defenders import Plain
from arena import play
from arena.engine import threads
from arena.envs.attackers import DEFAULTS, Course
from arena.learning.drawing import NormalGradient, PolicyGradient, Push, log_softmax, sampled
from arena.learning.policies import RandomPush, Uniform
from arena.learning.reinforce import Reinforce, _returns
from scenarios import Query


def test_the_policy_gradient_is_the_gradient_of_its_value():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(6, 5)), rng.integers(5, size=6)
    loss, g, h = PolicyGradient(rng.normal(size=6), 0.3), np.zeros((6, 5)), 1e-6
    for i in range(6):
        for k in range(5):
            step = np.zeros_like(z)
            step[i, k] = h
            g[i, k] = (loss.value_and_grad(z + step, y)[0] - loss.value_and_grad(z - step, y)[0])[i] / (2 * h)
    assert np.allclose(loss.value_and_grad(z, y)[1], g, atol=1e-8)


def test_the_gradient_of_a_push_is_the_gradient_of_its_value_and_its_value_the_normal_logarithm():
    rng = np.random.default_rng(0)
    z, a, A = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.normal(size=4)
    loss, g, h = NormalGradient(A, 0.7), np.zeros((4, 3)), 1e-6
    for i, k in np.ndindex(g.shape):
        step = np.zeros_like(z)
        step[i, k] = h
        g[i, k] = (loss.value_and_grad(z + step, a)[0] - loss.value_and_grad(z - step, a)[0])[i] / (2 * h)
    assert np.allclose(loss.value_and_grad(z, a)[1], g, atol=1e-8)
    constant = norm.logpdf(0, scale=0.7) * 3
    assert np.allclose(loss.value_and_grad(z, a)[0], -A * (norm.logpdf(a, z, 0.7).sum(axis=1) - constant))


def test_pushes_are_normal_around_what_the_policy_says():
    drawn = Push(2, spread=0.5).draw(np.tile(np.float32([1, -2]), (40_000, 1)), np.random.default_rng(0))
    assert np.allclose(drawn.mean(axis=0), [1, -2], atol=0.01)
    assert np.allclose(drawn.std(axis=0), 0.5, atol=0.01)


def test_random_pushes_depend_on_what_is_seen_alone_and_fill_the_range():
    seen = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)
    pushes = RandomPush(20)(seen)
    assert np.array_equal(RandomPush(20)(seen[::-1])[::-1], pushes)
    assert kstest(pushes.ravel(), uniform(-1, 2).cdf).pvalue > 0.01


def test_returns_stop_at_an_end_and_go_on_with_the_critic():
    rewards = np.array([[1, 1], [2, 2], [4, 4]], np.float32)
    ends = np.array([[False, False], [True, False], [False, False]])
    returns = _returns(rewards, ends, np.array([8, 8], np.float32), 0.5)
    assert np.array_equal(returns, [[2, 1 + 0.5 * (2 + 0.5 * 8)], [2, 2 + 0.5 * 8], [8, 8]])


def test_actions_are_drawn_with_the_probabilities_of_the_softmax():
    z = np.tile(np.log([0.1, 0.2, 0.7]), (30_000, 1))
    shares = np.bincount(sampled(z, np.random.default_rng(0).random(z.shape))) / len(z)
    assert np.allclose(shares, np.exp(log_softmax(z[:1]))[0], atol=0.01)


def trained(seed, questions=160_000):
    course = Course("regions", **{**DEFAULTS["regions"], "networks": [0, 1]})
    stages = Reinforce().train(course, np.random.default_rng(seed))
    return next(stage.policy for stage in stages if stage.questions >= questions)


def test_a_short_training_already_saves_questions_on_unseen_points_and_an_unseen_network():
    medians = {}
    for name, policy in (("chance", Uniform(40)), ("learned", trained(0))):
        (scored,) = play(Query(budget=101), PolicyAttacker(policy=policy), Plain(), seed=5).rounds
        fooled = scored.clean & ~scored.attacked
        medians[name] = np.median(scored.queries[fooled])
    assert medians["learned"] < 0.75 * medians["chance"]


def test_a_short_training_pushes_better_than_chance_on_unseen_points_and_an_unseen_network():
    course = Course.of("pixels", {"scenario": "query(budget=21)", "networks": [0, 1]})
    stages = Reinforce().train(course, np.random.default_rng(0))
    learned = next(stage.policy for stage in stages if stage.questions >= 200_000)
    shares = []
    for policy in (RandomPush(64), learned):
        (scored,) = play(Query(budget=21), PolicyAttacker(policy=policy, moves="pixels"), Plain(), seed=5).rounds
        shares.append((scored.clean & ~scored.attacked).sum() / scored.clean.sum())
    assert shares[1] > 2 * shares[0]


def test_the_same_seed_trains_the_same_policy():
    once, again, other = (trained(seed, 9_000).params for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for p, q in zip(once, again, strict=True) for a, b in zip(p, q, strict=True))
    assert not np.array_equal(once[0][0], other[0][0])


def test_the_number_of_blas_threads_does_not_change_what_is_learnt():
    alone = trained(1, 9_000).params
    with threads._controller().limit(limits=2):
        beside = trained(1, 9_000).params
    assert all(np.array_equal(a, b) for p, q in zip(alone, beside, strict=True) for a, b in zip(p, q, strict=True))
