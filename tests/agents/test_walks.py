import autograd.numpy as anp
import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, MomentumPGD
from arena import Ball, Batch, GradientView, InvalidValue
from arena.engine import Average, CrossEntropy, Dense, Layer, Sequential, mlp


class Recorder:
    """A model that remembers every batch of rows it was asked about; a loop of passes goes through its vjp."""

    def __init__(self, model):
        self.model, self.features, self.classes, self.seen = model, model.features, model.classes, []

    def logits(self, x):
        self.seen.append(x.copy())
        return self.model.logits(x)

    def vjp(self, x):
        self.seen.append(x.copy())
        return self.model.vjp(x)


NET = mlp((6, 12, 4), rng=default_rng(0))
FIELD = Batch(0.2 + 0.6 * default_rng(1).random((9, 6), dtype=np.float32), np.arange(9) % 4)


def path(attacker, ball: Ball, field: Batch = FIELD) -> list[np.ndarray]:
    model = Recorder(NET)
    attacker.move(GradientView(field, ball, model), default_rng(0))
    return model.seen


def gradient(x: np.ndarray) -> np.ndarray:
    logits, pull = NET.vjp(x)
    return pull(CrossEntropy().value_and_grad(logits, FIELD.y)[1])


def test_pgd_asks_for_one_forward_a_step_and_one_more_at_the_end():
    assert len(path(PGD(steps=7, stop_fooled=False), Ball(0.1))) == 8
    assert len(path(PGD(steps=7, restarts=3, stop_fooled=False), Ball(0.1))) == 24
    assert len(path(FGSM(), Ball(0.1))) == 1


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_the_kept_point_is_the_best_of_all_that_were_tried(norm):
    """With steps that end far too long the last point is poor."""

    def score(x: np.ndarray) -> np.ndarray:
        z = NET.logits(x)
        return CrossEntropy().values(z, FIELD.y) + 100 * (z.argmax(axis=1) != FIELD.y)

    ball, model = Ball(0.3, norm), Recorder(NET)
    player = PGD(steps=9, step_size=ball.radius, schedule="constant", stop_fooled=False)
    kept = player.move(GradientView(FIELD, ball, model), default_rng(0)).x
    scores = np.stack([score(x) for x in model.seen])
    np.testing.assert_allclose(score(kept), scores.max(axis=0), rtol=1e-5)
    assert (scores[:-1].max(axis=0) > scores[-1]).any()


def level() -> tuple[Sequential, Batch]:
    """Ten classes almost level: the loss of nine rivals just below the label exceeds that of one above it."""
    first, relu, last = mlp((6, 12, 10), rng=default_rng(0)).layers
    net = Sequential((first, relu, Dense.of(last.W * np.float32(0.1), np.float32([0.05, *[0] * 9]))))
    return net, Batch(0.2 + 0.6 * default_rng(1).random((200, 6), dtype=np.float32), np.zeros(200, int))


LONG = PGD(steps=9, step_size=0.3, schedule="constant", stop_fooled=False)


def test_a_point_that_fools_is_kept_before_one_of_higher_loss_that_does_not():
    net, field = level()
    model, each = Recorder(net), np.arange(200)
    kept = LONG.move(GradientView(field, Ball(0.3), model), default_rng(0)).x
    z = np.stack([net.logits(x) for x in model.seen])
    fools, loss = z.argmax(axis=2) != 0, np.stack([CrossEntropy().values(step, field.y) for step in z])
    lost = fools.any(axis=0) & ~fools[loss.argmax(axis=0), each]
    assert lost.sum() > 20
    np.testing.assert_array_equal(net.logits(kept).argmax(axis=1) != 0, fools.any(axis=0))
    highest = np.where(fools, loss, -1).max(axis=0)[lost]
    np.testing.assert_allclose(CrossEntropy().values(net.logits(kept[lost]), field.y[lost]), highest, rtol=1e-5)


def test_a_model_that_writes_over_the_logits_it_returned_is_attacked_like_any_other():
    class Thrifty(Recorder):
        z = np.empty((200, 10), np.float32)

        def vjp(self, x):
            self.z[:], pull = self.model.vjp(x)
            return self.z, pull

    net, field = level()
    answers = [LONG.move(GradientView(field, Ball(0.3), of(net)), default_rng(0)).x for of in (Recorder, Thrifty)]
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_fgsm_goes_to_the_farthest_point_away_from_the_label_or_towards_the_target(norm):
    ball, logits = Ball(0.2, norm), NET.logits(FIELD.x)
    _, pull = NET.vjp(FIELD.x)
    toward = -pull(CrossEntropy().value_and_grad(logits, np.full(9, 2))[1])
    for attacker, g in ((FGSM(), gradient(FIELD.x)), (FGSM(target=2), toward)):
        answer = attacker.move(GradientView(FIELD, ball, NET), default_rng(0)).x
        np.testing.assert_allclose(answer, ball.farthest(g, FIELD.x), atol=1e-6)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_each_step_is_the_projected_step_of_its_schedule(norm):
    ball = Ball(0.1, norm)
    seen = path(PGD(steps=6, stop_fooled=False), ball)
    assert (ball.violation(seen[0], FIELD.x) == 0).all()
    for t in range(6):
        size = 0.2 * (1 + np.cos(np.pi * t / 6)) / 2
        expected = ball.project((seen[t] + size * ball.direction(gradient(seen[t]))).astype(np.float32), FIELD.x)
        np.testing.assert_allclose(seen[t + 1], expected, atol=1e-6)


def test_constant_steps_are_two_and_a_half_radii_shared_out():
    ball = Ball(0.1)
    seen = path(PGD(steps=5, schedule="constant", random_start=False, stop_fooled=False), ball)
    np.testing.assert_array_equal(seen[0], FIELD.x)
    np.testing.assert_allclose(seen[1], FIELD.x + 0.05 * np.sign(gradient(FIELD.x)), atol=1e-6)
    given = path(PGD(steps=5, schedule="constant", step_size=0.01, random_start=False, stop_fooled=False), ball)
    np.testing.assert_allclose(given[1], FIELD.x + 0.01 * np.sign(gradient(FIELD.x)), atol=1e-6)


def test_momentum_follows_the_running_mean_of_normalised_gradients():
    ball = Ball(0.1)
    seen = path(MomentumPGD(steps=4, momentum=0.6, stop_fooled=False), ball)
    velocity = np.zeros_like(FIELD.x)
    for t in range(4):
        g = gradient(seen[t])
        velocity = 0.6 * velocity + g / np.abs(g).sum(axis=1, keepdims=True)
        size = 0.2 * (1 + np.cos(np.pi * t / 4)) / 2
        np.testing.assert_allclose(
            seen[t + 1], ball.project(seen[t] + np.float32(size) * np.sign(velocity), FIELD.x), atol=1e-6
        )


def test_momentum_of_zero_is_pgd():
    view = GradientView(FIELD, Ball(0.1, "l2"), NET)
    first, second = (
        player.move(view, default_rng(0)).x for player in (PGD(steps=6), MomentumPGD(steps=6, momentum=0.0))
    )
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_work_stops_on_rows_that_are_fooled():
    rows = {stop: sum(len(x) for x in path(PGD(steps=40, stop_fooled=stop), Ball(0.5))) for stop in (True, False)}
    assert rows[False] == 41 * 9
    assert rows[True] < 0.6 * rows[False]


@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@pytest.mark.parametrize("attacker", [FGSM(), PGD(steps=5), MomentumPGD(steps=5)], ids=["fgsm", "pgd", "momentum"])
def test_a_model_of_any_kind_is_attacked(norm, attacker):
    class Softplus(Layer):
        def forward(self, params, x, rng=None):
            return anp.log1p(anp.exp(x))

    wide = NET.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in NET.params))
    taped = mlp((6, 12, 4), rng=default_rng(0), activation=Softplus())

    def attacked(model) -> np.ndarray:
        return attacker.move(GradientView(FIELD, Ball(0.1, norm), model), default_rng(0)).x

    for model in (Recorder(NET), wide, Average((NET, NET))):
        np.testing.assert_allclose(attacked(model), attacked(NET), atol=1e-4)
    for model in (taped, Average((NET, taped, wide))):
        assert (attacked(model) != FIELD.x).any()


@pytest.mark.parametrize("attacker", [FGSM(), PGD(steps=3), MomentumPGD(steps=3)], ids=["fgsm", "pgd", "momentum"])
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_a_model_without_any_gradient_is_survived(attacker, norm):
    flat = Sequential((Dense.of(np.zeros((6, 4), np.float32), np.float32([1, 0, 0, 0])),))
    view = GradientView(FIELD, Ball(4.0, norm), flat)
    assert np.isfinite(attacker.move(view, default_rng(0)).x).all()
    assert (view.ball.violation(attacker.move(view, default_rng(0)).x, FIELD.x) == 0).all()


def test_one_row_and_one_pixel_are_enough():
    model = Sequential((Dense.of(np.float32([[-3.0, 3.0]]), np.float32([1.0, 0.0])),))
    for norm in ("l1", "l2", "linf"):
        view = GradientView(Batch(np.float32([[0.1]]), np.array([0])), Ball(0.2, norm), model)
        for attacker in (FGSM(), PGD(steps=3), MomentumPGD(steps=3)):
            assert attacker.move(view, default_rng(0)).x[0, 0] == pytest.approx(0.3, abs=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PGD(steps=0), "steps must be a whole number of at least 1; got 0"),
        (lambda: PGD(restarts=-1), "restarts must be a whole number"),
        (lambda: PGD(step_size=0), "step_size must be a finite number above 0"),
        (lambda: PGD(step_size=float("nan")), "step_size must be a finite number above 0; got nan"),
        (lambda: PGD(schedule="linear"), "schedule must be one of constant, cosine; got 'linear'"),
        (lambda: FGSM(loss="mse"), "loss must be one of cross-entropy, margin, dlr; got 'mse'"),
        (lambda: MomentumPGD(momentum=float("inf")), "momentum must be a finite number"),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(InvalidValue, match=message):
        make()


@pytest.mark.parametrize("attacker", [FGSM, PGD])
@pytest.mark.parametrize("target", [-1, 4, 1.5, "3"])
def test_a_target_that_is_no_class_is_refused_by_name(attacker, target):
    with pytest.raises(InvalidValue, match="target"):
        attacker(target=target).move(GradientView(FIELD, Ball(0.1), NET), default_rng(0))
