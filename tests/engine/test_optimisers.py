import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import SGD, Adam, constant, cosine, linear, steps


def run(optimiser, gradients, theta=(1.0, -2.0), factors=None) -> list[list[float]]:
    theta = np.array(theta)
    step, path = optimiser.start(theta), []
    for g, factor in zip(gradients, factors or [1.0] * len(gradients), strict=True):
        step(np.array(g), factor)
        path.append(theta.tolist())
    return path


def test_sgd_steps_by_hand():
    path = run(SGD(learning_rate=0.1, momentum=0.0), [[1.0, 2.0], [-3.0, 0.5]])
    np.testing.assert_allclose(path, [[0.9, -2.2], [1.2, -2.25]])


def test_momentum_steps_by_hand():
    # v: 1, 2 | 0.5 + 1, 1 + 2 | 0.75 - 1, 1.5 + 0
    path = run(SGD(learning_rate=0.1, momentum=0.5), [[1.0, 2.0], [1.0, 2.0], [-1.0, 0.0]])
    np.testing.assert_allclose(path, [[0.9, -2.2], [0.75, -2.5], [0.775, -2.65]])


def test_sgd_weight_decay_is_part_of_the_gradient_and_so_of_the_momentum():
    path = run(SGD(learning_rate=0.1, momentum=0.5, weight_decay=0.2), [[1.0, 0.0], [0.0, 0.0]])
    # first coordinate: v = 1 + 0.2; theta = 0.88; v = 0.6 + 0.176; theta = 0.8024
    np.testing.assert_allclose([point[0] for point in path], [0.88, 0.8024])


def test_the_factor_of_a_schedule_multiplies_the_step_and_not_the_momentum():
    path = run(SGD(learning_rate=0.1, momentum=0.5), [[1.0, 1.0], [1.0, 1.0]], (0.0, 0.0), factors=[0.5, 0.1])
    np.testing.assert_allclose(path, [[-0.05, -0.05], [-0.065, -0.065]])


def test_adams_first_step_is_the_learning_rate_against_the_sign():
    path = run(Adam(learning_rate=0.01), [[1e-3, -5e3]])
    np.testing.assert_allclose(path[0], [1 - 0.01, -2 + 0.01], rtol=1e-6)


def test_adams_steps_by_hand():
    # beta1 = beta2 = 0.5; g = 1, then 3: m = 0.5, 1.75; v = 0.5, 4.75; both corrected by 1 - 0.5^t
    path = run(Adam(learning_rate=0.1, beta1=0.5, beta2=0.5, epsilon=0.0), [[1.0, 1.0], [3.0, 3.0]])
    second = 0.9 - 0.1 * (1.75 / 0.75) / np.sqrt(4.75 / 0.75)
    np.testing.assert_allclose([point[0] for point in path], [0.9, second])


def test_adams_epsilon_stands_outside_the_root():
    path = run(Adam(learning_rate=0.1, epsilon=1.0), [[3.0, 0.0]])
    np.testing.assert_allclose(path[0], [1 - 0.1 * 3 / (3 + 1), -2])


def test_adams_weight_decay_is_decoupled_from_its_moments():
    path = run(Adam(learning_rate=0.1, weight_decay=0.5, epsilon=0.0), [[7.0, 1.0]], factors=[0.5])
    np.testing.assert_allclose(path[0][0], 1 * (1 - 0.05 * 0.5) - 0.05)


def test_adam_follows_its_published_recursion_for_a_hundred_steps():
    rng, player = default_rng(0), Adam(learning_rate=0.03, beta1=0.8, beta2=0.95)
    gradients = rng.standard_normal((100, 2))
    theta, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for t, g in enumerate(gradients, 1):
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        theta = theta - 0.03 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.95**t)) + 1e-8)
    np.testing.assert_allclose(run(player, gradients)[-1], theta, rtol=1e-10)


@pytest.mark.parametrize("optimiser", [SGD(), Adam()], ids=repr)
def test_an_optimiser_keeps_its_state_to_one_start(optimiser):
    gradients = [[1.0, -1.0], [2.0, 0.5]]
    assert run(optimiser, gradients) == run(optimiser, gradients)


@pytest.mark.parametrize("optimiser", [SGD(weight_decay=0.1), Adam(weight_decay=0.1)], ids=repr)
def test_a_step_updates_in_place_and_leaves_the_gradient_alone(optimiser):
    theta, g = np.ones(3, np.float32), np.full(3, 2.0, np.float32)
    optimiser.start(theta)(g, 1.0)
    assert (theta < 1).all()
    assert theta.dtype == np.float32
    np.testing.assert_array_equal(g, 2.0)


def test_schedules_begin_and_end_where_they_should():
    ends = {schedule: (schedule(0.0), schedule(0.5), schedule(1.0)) for schedule in (constant, linear, cosine)}
    assert ends[constant] == (1.0, 1.0, 1.0)
    assert ends[linear] == (1.0, 0.5, 0.0)
    assert ends[cosine] == pytest.approx((1.0, 0.5, 0.0))
    assert cosine(0.25) == pytest.approx((1 + np.sqrt(0.5)) / 2)


def test_steps_multiply_at_each_milestone():
    schedule = steps(0.5, 0.75, factor=0.1)
    given = [schedule(p) for p in (0.0, 0.49, 0.5, 0.74, 0.75, 1.0)]
    assert given == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
