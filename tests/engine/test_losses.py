import autograd.numpy as anp
import numpy as np
import pytest
from autograd.core import make_vjp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.random import default_rng
from scipy.special import log_softmax, softmax

from arena.engine import DLR, Between, CrossEntropy, Margin, MeanSquaredError, Taped, Towards, as_loss

LOSSES = [CrossEntropy(), Margin(), DLR(), MeanSquaredError(), Towards(CrossEntropy(), 2), Towards(Margin(), 0)]
LOGITS = arrays(np.float64, (7, 5), elements=st.floats(-50, 50))
LABELS = arrays(np.intp, 7, elements=st.integers(0, 4))
ROWS = np.arange(7)


@given(LOGITS, LABELS)
def test_cross_entropy_is_minus_the_log_softmax(z, y):
    values, g = CrossEntropy().value_and_grad(z, y)
    np.testing.assert_allclose(values, -log_softmax(z, axis=1)[ROWS, y], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(g, softmax(z, axis=1) - np.eye(5)[y], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_is_finite_for_huge_logits(dtype):
    z = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [-1e4, -1e4, -1e4]], dtype)
    values, g = CrossEntropy().value_and_grad(z, np.array([1, 1, 0]))
    np.testing.assert_allclose(values, [2e4, np.log(2), np.log(3)], rtol=1e-6)
    np.testing.assert_allclose(g[0], [1, -1, 0])
    assert np.isfinite(g).all()


@pytest.mark.parametrize("lead", [5.0, 20.0, 60.0])
def test_cross_entropy_keeps_its_digits_where_the_label_leads_by_far(lead):
    z, y = np.array([[lead, 1.0, 0.0, -2.0]]), np.array([0])
    values, g = CrossEntropy().value_and_grad(z.astype(np.float32), y)
    rivals = np.exp(z[0, 1:] - lead)
    np.testing.assert_allclose(values, np.log1p(rivals.sum()), rtol=1e-5)
    np.testing.assert_allclose(g[0], np.array([-rivals.sum(), *rivals]) / (1 + rivals.sum()), rtol=1e-5)


@pytest.mark.parametrize("loss", [*LOSSES, Between()], ids=repr)
@given(LOGITS, LABELS)
def test_values_alone_and_directions_alone_are_those_of_both_at_once(loss, z, y):
    y = np.stack([y, (y + 1) % 5], axis=1) if isinstance(loss, Between) else y
    direction, z = loss.direction(y, z), z / 4  # no lead of more than 30
    for logits in (z, -z, z):
        values, g = loss.value_and_grad(logits, y)
        np.testing.assert_array_equal(loss.values(logits, y), values)
        note, rise = direction(logits)
        np.testing.assert_allclose(direction.values(note, logits), values, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(normalised(rise), normalised(g), rtol=1e-9, atol=1e-15)


def test_the_direction_of_cross_entropy_keeps_its_digits_at_both_ends():
    z, y = np.array([[80.0, 1.0, 0.0], [0.0, 29.0, 3.0], [0.0, 200.0, 3.0]], np.float32), np.array([0, 0, 0])
    note, g = CrossEntropy().direction(y, z)(z)
    g = g.astype(float)
    np.testing.assert_allclose(note, -g.clip(0).sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(g[0], [-np.exp(-79) - np.exp(-80), np.exp(-79), np.exp(-80)], rtol=1e-5)
    np.testing.assert_allclose(g[1] / np.exp(29), [-1, 1, np.exp(-26)], rtol=1e-5)
    np.testing.assert_allclose(g[2] / np.exp(30), [-1, 1, np.exp(-27)], rtol=1e-5)


@pytest.mark.parametrize("loss", [*LOSSES, Between()], ids=repr)
def test_logits_may_lie_in_any_order_in_memory(loss):
    z, y = default_rng(0).standard_normal((7, 5)).astype(np.float32), np.arange(7) % 5
    y = np.stack([y, (y + 1) % 5], axis=1) if isinstance(loss, Between) else y
    for other in (np.asfortranarray(z), np.repeat(z, 2, axis=1)[:, ::2]):
        for ours, usual in zip(loss.direction(y, other)(other), loss.direction(y, z)(z), strict=True):
            np.testing.assert_allclose(ours, usual, rtol=1e-5)
        for ours, usual in zip(loss.value_and_grad(other, y), loss.value_and_grad(z, y), strict=True):
            np.testing.assert_allclose(ours, usual, rtol=1e-5)


def test_losses_beyond_the_farthest_odds_are_told_apart():
    z, y = np.array([[0.0, 29.0], [0.0, 31.0], [0.0, 178.0], [5.0, 0.0]]), np.zeros(4, int)
    direction = CrossEntropy().direction(y, z)
    blocks = np.stack([z, z[::-1]])
    notes = np.stack([direction(block)[0].copy() for block in blocks])
    expected = np.stack([CrossEntropy().values(block, y) for block in blocks])
    np.testing.assert_allclose(direction.values(notes, blocks), expected, rtol=1e-12)


def normalised(g):
    length = np.abs(g).sum(axis=1, keepdims=True)
    return g / np.where(length > 0, length, 1)


@pytest.mark.parametrize("loss", [*LOSSES, Between()], ids=repr)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_labels_may_have_any_integer_dtype(loss, dtype):
    z, y = default_rng(0).standard_normal((7, 5)), np.arange(7) % 5
    y = np.stack([y, (y + 1) % 5], axis=1) if isinstance(loss, Between) else y
    for ours, usual in zip(loss.value_and_grad(z, y.astype(dtype)), loss.value_and_grad(z, y), strict=True):
        np.testing.assert_array_equal(ours, usual)
    for ours, usual in zip(loss.direction(y.astype(dtype), z)(z), loss.direction(y, z)(z), strict=True):
        np.testing.assert_array_equal(ours, usual)


@pytest.mark.parametrize("loss", [CrossEntropy(), Margin(), DLR(), MeanSquaredError(), Between()], ids=repr)
@pytest.mark.parametrize(
    ("label", "message"), [(np.uint64(2**63 + 1), "in 0..4; got 9223372036854775809"), (1.5, "integer labels; got dtype float64")]
)  # fmt: skip
def test_labels_that_name_no_column_are_refused(loss, label, message):
    y = np.full((7, 2) if isinstance(loss, Between) else 7, label)
    with pytest.raises(ValueError, match=message):
        loss.value_and_grad(np.zeros((7, 5)), y)


@given(LOGITS, LABELS)
def test_the_margin_is_positive_only_where_the_label_is_misread(z, y):
    values, _ = Margin().value_and_grad(z, y)
    rivals = [max(row[j] for j in range(5) if j != label) for row, label in zip(z, y, strict=True)]
    np.testing.assert_array_equal(values, np.array(rivals) - z[ROWS, y])
    assert ((values > 0) <= (z.argmax(axis=1) != y)).all()
    assert ((values < 0) <= (z.argmax(axis=1) == y)).all()


def test_dlr_follows_its_formula():
    z = np.array([[3.0, 1.0, 2.0, -1.0], [0.0, 5.0, 4.0, 1.0]])
    values, _ = DLR().value_and_grad(z, np.array([0, 3]))
    np.testing.assert_allclose(values, [-(3 - 2) / (3 - 1), -(1 - 5) / (5 - 1)])


@given(LOGITS, LABELS, st.floats(0.5, 20), st.floats(-5, 5))
def test_dlr_does_not_change_under_scaling_and_shifting(z, y, scale, shift):
    top, _, third = np.sort(z, axis=1)[:, :-4:-1].T
    clear = (top - third) > 1e-3
    before, after = (DLR().value_and_grad(logits, y)[0] for logits in (z, scale * z + shift))
    np.testing.assert_allclose(before[clear], after[clear], rtol=1e-6, atol=1e-6)


def test_dlr_is_the_margin_below_three_classes():
    z, y = default_rng(0).standard_normal((20, 2)), default_rng(1).integers(0, 2, 20)
    for own, margin in zip(DLR().value_and_grad(z, y), Margin().value_and_grad(z, y), strict=True):
        np.testing.assert_array_equal(own, margin)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dlr_is_finite_where_all_logits_are_equal_or_huge(dtype):
    z = np.array([[1.0, 1.0, 1.0], [1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype)
    values, g = DLR().value_and_grad(z, np.array([0, 1, 2]))
    assert np.isfinite(values).all()
    assert np.isfinite(g).all()


def test_mean_squared_error_takes_labels_or_targets():
    z, y = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7)
    by_label, by_target = (MeanSquaredError().value_and_grad(z, t) for t in (y, np.eye(5)[y]))
    np.testing.assert_allclose(by_label[0], np.mean((z - np.eye(5)[y]) ** 2, axis=1))
    for own, other in zip(by_label, by_target, strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_each_row_of_a_loss_depends_on_that_row_alone(loss):
    z, y = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7)
    values, g = (array.copy() for array in loss.value_and_grad(z, y))
    for i in range(7):
        changed = z + 10.0 * default_rng(2).standard_normal(z.shape)
        changed[i] = z[i]
        again = loss.value_and_grad(changed, y)
        assert again[0][i] == pytest.approx(values[i], rel=1e-12)
        np.testing.assert_allclose(again[1][i], g[i], rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_loss_writes_into_neither_logits_nor_labels(loss):
    z, y = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7)
    kept = z.copy(), y.copy()
    loss.value_and_grad(z, y)
    np.testing.assert_array_equal(z, kept[0])
    np.testing.assert_array_equal(y, kept[1])


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_two_evaluations_do_not_share_their_answers(loss):
    z, y = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7)
    values, g = loss.value_and_grad(z, y)
    kept = values.copy(), g.copy()
    loss.value_and_grad(z + 1 + z**2, y)
    np.testing.assert_array_equal(values, kept[0])
    np.testing.assert_array_equal(g, kept[1])


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_a_loss_stands_on_the_tape_with_the_same_gradient(loss):
    z, y, w = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7), default_rng(2).random(7)
    pull, _ = make_vjp(lambda logits: anp.sum(w * loss(logits, y)), z)
    np.testing.assert_allclose(pull(1.0), w[:, None] * loss.value_and_grad(z, y)[1], rtol=1e-12)


def test_a_targeted_loss_is_minus_the_loss_at_the_target():
    z, y = default_rng(0).standard_normal((7, 5)), default_rng(1).integers(0, 5, 7)
    values, g = Towards(CrossEntropy(), 3).value_and_grad(z, y)
    expected = CrossEntropy().value_and_grad(z, np.full(7, 3))
    np.testing.assert_array_equal(values, -expected[0])
    np.testing.assert_array_equal(g, -expected[1])


def test_a_function_becomes_a_loss_and_a_loss_stays_itself():
    loss = CrossEntropy()
    assert as_loss(loss) is loss
    z = default_rng(0).standard_normal((7, 5))
    values, g = as_loss(lambda z, y: anp.sum(z**2, axis=1)).value_and_grad(z, np.zeros(7, int))
    np.testing.assert_allclose(values, np.sum(z**2, axis=1))
    np.testing.assert_allclose(g, 2 * z)


@pytest.mark.parametrize("function", [lambda z, y: anp.mean(z**2), lambda z, y: z**2])
def test_a_loss_that_averages_or_does_not_reduce_is_refused(function):
    with pytest.raises(ValueError, match=r"one value a row, shape \(7,\); got"):
        Taped(function).value_and_grad(np.ones((7, 5)), np.zeros(7, int))


@pytest.mark.parametrize("loss", [*LOSSES[:4], Between()], ids=repr)
@pytest.mark.parametrize("bad", [-1, 5])
def test_labels_that_are_no_class_are_refused(loss, bad):
    z, y = np.zeros((7, 5)), np.full((7, 2) if isinstance(loss, Between) else 7, 1)
    y[3] = bad
    for use in (loss.value_and_grad, loss.values, lambda z, y: loss.direction(y, z)(z), loss):
        with pytest.raises(ValueError, match=f"y must hold labels in 0..4; got {bad}"):
            use(z, y)
