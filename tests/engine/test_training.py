import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import SGD, Adam, CrossEntropy, Dense, MeanSquaredError, Sequential, cosine, fit, fitted, linear, mlp


def blobs(n: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = default_rng(seed)
    y = rng.integers(0, 3, n)
    return (np.eye(3)[y] + 0.6 * rng.standard_normal((n, 3))).astype(np.float32), y


def weights(model: Sequential) -> bytes:
    return b"".join(p.tobytes() for layer in model.params for p in layer)


def test_fit_learns_the_digits(digits):
    train, test = digits
    model = mlp((64, 64, 10), rng=default_rng(0))
    ends = list(
        fit(model, train.x, train.y, rng=default_rng(1), epochs=20, optimiser=Adam(learning_rate=5e-3), schedule=cosine)
    )
    assert (ends[-1].model.logits(test.x).argmax(axis=1) == test.y).mean() >= 0.95
    assert ends[-1].accuracy >= 0.98
    assert [progress.epoch for progress in ends] == list(range(20))
    assert ends[-1].loss < ends[8].loss < ends[0].loss


@pytest.mark.parametrize("options", [{}, {"dropout": 0.3}, {"kappa": 1.0}], ids=str)
def test_the_same_stream_gives_the_same_weights_bit_for_bit(options):
    def train(seed: int) -> bytes:
        model = mlp((3, 8, 3), rng=default_rng(0), **options)
        return weights(fitted(fit(model, *blobs(), rng=default_rng(seed), epochs=3)))

    assert train(1) == train(1)
    assert train(1) != train(2)


@pytest.mark.parametrize("options", [{}, {"kappa": 1.0}], ids=str)
def test_the_model_given_and_the_models_yielded_are_left_as_they_were(options):
    model, (x, y) = mlp((3, 8, 3), rng=default_rng(0), **options), blobs()
    before, data = weights(model), (x.tobytes(), y.tobytes())
    seen = [(progress.model, weights(progress.model)) for progress in fit(model, x, y, rng=default_rng(1), epochs=4)]
    assert weights(model) == before
    assert (x.tobytes(), y.tobytes()) == data
    assert [weights(kept) for kept, _ in seen] == [at_the_time for _, at_the_time in seen]
    assert len({at_the_time for _, at_the_time in seen}) == 4


def test_early_stopping_keeps_the_model_of_the_lowest_validation_loss():
    x, y = blobs(40)
    held_x, held_y = blobs(200, seed=1)
    training = fit(mlp((3, 64, 3), rng=default_rng(0)), x, y, rng=default_rng(1), epochs=400, batch_size=8,
                   optimiser=Adam(learning_rate=0.02), validation=(held_x, held_y), patience=6)  # fmt: skip
    seen = list(training)
    losses = [progress.validation_loss for progress in seen]
    best = int(np.argmin(losses))
    assert best + 6 == seen[-1].epoch < 399
    kept = CrossEntropy().value_and_grad(seen[-1].model.logits(held_x), held_y)[0].mean()
    assert kept == pytest.approx(losses[best], rel=1e-5)
    assert losses[-1] > losses[best] + 1e-3


def test_without_patience_all_epochs_run_and_the_best_model_is_kept():
    x, y = blobs(40)
    seen = list(fit(mlp((3, 64, 3), rng=default_rng(0)), x, y, rng=default_rng(1), epochs=30, optimiser=Adam(learning_rate=0.05),
                    validation=blobs(200, seed=1)))  # fmt: skip
    assert len(seen) == 30
    best = int(np.argmin([progress.validation_loss for progress in seen]))
    assert weights(seen[-1].model) == weights(seen[best].model) != weights(seen[best - 1].model)


def test_a_loss_that_is_no_longer_finite_stops_the_training_by_name():
    with (
        np.errstate(all="ignore"),
        pytest.raises(ValueError, match=r"the loss is (nan|inf) in epoch 0: lower the learning rate"),
    ):
        fitted(fit(mlp((3, 8, 3), rng=default_rng(0)), *blobs(), rng=default_rng(1), optimiser=SGD(learning_rate=1e30)))


def test_regression_converges_to_least_squares():
    rng = default_rng(0)
    x = rng.standard_normal((80, 4))
    targets = x @ rng.standard_normal((4, 2)) + rng.standard_normal(2) + 0.3 * rng.standard_normal((80, 2))
    start = Sequential((Dense.of(rng.standard_normal((4, 2)), np.zeros(2)),))
    model = fitted(fit(start, x, targets, rng=rng, epochs=600, batch_size=80, loss=MeanSquaredError(),
                       optimiser=SGD(learning_rate=0.2, momentum=0.5)))  # fmt: skip
    exact = np.linalg.lstsq(np.column_stack([x, np.ones(80)]), targets, rcond=None)[0]
    np.testing.assert_allclose(np.vstack(model.params[0]), exact, rtol=1e-6, atol=1e-8)


def test_every_row_is_used_once_an_epoch_and_change_sees_the_live_model():
    x, y, seen, models = *blobs(50), [], []

    def change(model, bx, by, rng):
        seen.append(bx.copy())
        models.append(weights(model))
        np.testing.assert_array_equal(y[[np.flatnonzero((x == row).all(axis=1))[0] for row in bx]], by)
        return bx

    fitted(fit(mlp((3, 3), rng=default_rng(0)), x, y, rng=default_rng(0), epochs=2, batch_size=16, change=change))
    assert [len(bx) for bx in seen] == [16, 16, 16, 2] * 2
    for epoch in (seen[:4], seen[4:]):
        np.testing.assert_array_equal(np.sort(np.vstack(epoch), axis=0), np.sort(x, axis=0))
    assert not np.array_equal(seen[0], seen[4])
    assert len(set(models)) == 8


def test_the_rows_that_change_returns_are_the_ones_trained_on():
    x, y = blobs()
    zeros = fitted(fit(mlp((3, 3), rng=default_rng(0)), x, y, rng=default_rng(0), epochs=1,
                       change=lambda model, bx, by, rng: np.zeros(bx.shape)))  # fmt: skip
    start = mlp((3, 3), rng=default_rng(0))
    np.testing.assert_array_equal(zeros.layers[0].W, start.layers[0].W)  # no input, no gradient in W
    assert not np.array_equal(zeros.layers[0].b, start.layers[0].b)


def test_what_comes_after_a_step_changes_the_weights_that_the_next_one_meets_and_those_that_are_kept():
    x, y = blobs(50)
    seen = []

    def after(model):
        seen.append(model.layers[0].W.copy())
        model.layers[0].W[...] = 0

    ended = fitted(fit(mlp((3, 3), rng=default_rng(0)), x, y, rng=default_rng(0), epochs=2, batch_size=16, after=after))
    assert len(seen) == 8
    assert max(np.abs(W).max() for W in seen[1:]) < 0.01  # one step of Adam from 0
    assert not ended.layers[0].W.any() and ended.layers[0].b.any()


def test_a_schedule_runs_from_first_to_last_step():
    asked = []

    def schedule(progress: float) -> float:
        asked.append(progress)
        return linear(progress)

    fitted(
        fit(mlp((3, 3), rng=default_rng(0)), *blobs(50), rng=default_rng(0), epochs=2, batch_size=16, schedule=schedule)
    )
    np.testing.assert_allclose(asked, np.arange(8) / 8)


def test_a_training_without_epochs_is_refused():
    with pytest.raises(ValueError, match="at least one epoch"):
        fitted(fit(mlp((3, 3), rng=default_rng(0)), *blobs(), rng=default_rng(0), epochs=0))
