"""On one dense layer the best attack is known exactly: PGD must come within a thousandth of it."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, MomentumPGD
from arena import Ball, Batch, GradientView
from arena.engine import CrossEntropy, Dense, Margin, Sequential
from arena.referee import Referee

RADII = {"linf": 0.15, "l2": 1.0, "l1": 4.0}
NORMS = ["linf", "l2", "l1"]
DUAL = {"l1": np.inf, "l2": 2, "linf": 1}
ROOMY = (-1e3, 1e3)
N, K = 60, 64


def linear(classes: int, seed: int = 0, lead: float = 0.0) -> Sequential:
    """A linear model of `classes`; `lead` is added to class 0."""
    W = default_rng(seed).standard_normal((K, classes)).astype(np.float32) / 4
    return Sequential((Dense.of(W, lead * np.eye(classes, dtype=np.float32)[0]),))


def field(y: np.ndarray, seed: int = 1) -> Batch:
    """Rows of which every second pixel lies at a wall of the box, as in the digits."""
    rng = default_rng(seed)
    x = rng.random((N, K))
    x[rng.random((N, K)) < 0.35], x[rng.random((N, K)) < 0.15] = 0.0, 1.0
    return Batch(x, y)


def margins(model: Sequential, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """z_j - z_y of every class j (n, classes), in float64."""
    W, b = (p.astype(np.float64) for p in model.params[0])
    z = x.astype(np.float64) @ W + b
    return z - z[np.arange(len(y)), y][:, None]


def best_margins(model: Sequential, rows: Batch, ball: Ball) -> np.ndarray:
    """The largest z_j - z_y in ball ∩ box for every rival j: linear, so it lies at the farthest point along w_j - w_y."""
    W, x = model.layers[0].W.astype(np.float64), rows.x.astype(np.float64)
    best = np.full((N, W.shape[1]), -np.inf)
    for j in range(W.shape[1]):
        there = ball.farthest((W[:, j] - W[:, rows.y].T), x)
        best[:, j] = np.where(rows.y == j, -np.inf, margins(model, there, rows.y)[:, j])
    return best


def reached(attacker, model: Sequential, rows: Batch, ball: Ball) -> np.ndarray:
    move = attacker.move(GradientView(rows, ball, model), default_rng(2))
    return margins(model, Referee(ball).judge(move, rows).x, rows.y)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", [(0.0, 1.0), ROOMY], ids=["in the box", "in the open"])
@pytest.mark.parametrize("loss", ["margin", "cross-entropy", "dlr"])
@pytest.mark.parametrize("attacker", [PGD, MomentumPGD])
@pytest.mark.parametrize("lead", [9.0, 40.0])
def test_two_classes_are_attacked_to_the_optimum(norm, box, loss, attacker, lead):
    # a lead keeps every row unfooled, so that the default's stopping at success plays no part
    model, ball = linear(2, lead=lead), Ball(RADII[norm], norm, box)
    rows = field(np.zeros(N, int))
    start, best = margins(model, rows.x, rows.y)[:, 1], best_margins(model, rows, ball)[:, 1]
    assert best.max() < 0
    found = reached(attacker(loss=loss), model, rows, ball)[:, 1]
    assert ((found - start) / (best - start)).min() >= 0.999
    entropy = [np.log1p(np.exp(m)) for m in (start, best, found)]
    assert ((entropy[2] - entropy[0]) / (entropy[1] - entropy[0])).min() >= 0.999


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", [(0.0, 1.0), ROOMY], ids=["in the box", "in the open"])
@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_the_optimum_is_reached_at_small_and_large_radii(norm, box, schedule):
    W = default_rng(5).standard_normal((30, 2)).astype(np.float32) / 4
    x = np.clip(default_rng(6).normal(0.5, 0.5, (N, 30)), 0, 1)
    rows = Batch(x, np.zeros(N, int))
    w, clean = W.astype(np.float64) @ [-1, 1], rows.x.astype(np.float64)
    for radius in (0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0):
        ball = Ball(radius, norm, box)
        rise = (ball.farthest(np.tile(w, (N, 1)), clean) - clean) @ w
        span = 8 / np.ptp(np.concatenate([clean @ w, rise + clean @ w]))  # confident, and still with a loss in float32
        lead = span * float((rise + clean @ w).max()) + 1  # nobody is fooled
        model = Sequential((Dense.of(np.float32(span) * W, np.float32([lead, 0])),))
        move = PGD(schedule=schedule).move(GradientView(rows, ball, model), default_rng(2))
        assert (((Referee(ball).judge(move, rows).x - clean) @ w) / rise).min() >= 0.999


@pytest.mark.parametrize("norm", NORMS)
def test_in_the_open_the_optimum_is_radius_times_dual_norm(norm):
    model, ball = linear(2, lead=9.0), Ball(RADII[norm], norm, ROOMY)
    rows = field(np.zeros(N, int))
    w = model.layers[0].W.astype(np.float64) @ [-1, 1]
    rise = ball.radius * np.linalg.norm(w, ord=DUAL[norm])
    start = margins(model, rows.x, rows.y)[:, 1]
    np.testing.assert_allclose(best_margins(model, rows, ball)[:, 1] - start, rise, rtol=1e-9)
    for attacker in (FGSM(), PGD()):
        np.testing.assert_allclose(reached(attacker, model, rows, ball)[:, 1] - start, rise, rtol=1e-3)


@pytest.mark.parametrize("norm", RADII)
@pytest.mark.parametrize("box", [(0.0, 1.0), ROOMY], ids=["in the box", "in the open"])
def test_one_step_is_enough_for_fgsm_on_two_classes(norm, box):
    model, ball = linear(2), Ball(RADII[norm], norm, box)
    rows = field(default_rng(3).integers(0, 2, N))
    other = 1 - rows.y, np.arange(N)
    start, best = (m[other[1], other[0]] for m in (margins(model, rows.x, rows.y), best_margins(model, rows, ball)))
    found = reached(FGSM(), model, rows, ball)[other[1], other[0]]
    assert ((found - start) / (best - start)).min() >= 0.999


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("box", [(0.0, 1.0), ROOMY], ids=["in the box", "in the open"])
def test_the_margin_of_ten_classes_is_attacked_to_the_optimum(norm, box):
    model, ball = linear(10), Ball(RADII[norm], norm, box)
    rows = field(default_rng(3).integers(0, 10, N))
    best = best_margins(model, rows, ball).max(axis=1)
    start = Margin().value_and_grad(model.logits(rows.x), rows.y)[0]
    found = reached(PGD(loss="margin", restarts=20, stop_fooled=False), model, rows, ball)
    found[np.arange(N), rows.y] = -np.inf
    share = (found.max(axis=1) - start) / (best - start)
    assert share.max() <= 1 + 1e-5
    assert np.median(share) >= 0.999
    assert (share >= 0.999).mean() >= 0.85  # the margin is convex in x: another rival's peak can hold a climber


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("target", [1, 7])
def test_a_targeted_attack_raises_the_target_to_the_optimum(norm, target):
    model, ball = linear(10), Ball(RADII[norm], norm)
    rows = field(np.zeros(N, int))
    W = model.layers[0].W.astype(np.float64)
    best = best_margins(model, rows, ball)[:, target]
    # two-class view of the same game: every class but the target and the label pushed out of reach
    two = Sequential((Dense.of(np.stack([W[:, 0], W[:, target]], axis=1).astype(np.float32)),))
    move = PGD(target=1, stop_fooled=False).move(GradientView(rows, ball, two), default_rng(2))
    found = margins(two, move.x, rows.y)[:, 1]
    start = margins(two, rows.x, rows.y)[:, 1]
    assert ((found - start) / (best - start)).min() >= 0.999


def just_below_and_just_above(attacker, norm: str) -> list[tuple[bool, bool]]:
    """Whether ten rows are fooled at 0.2 % below and above their exact distance to the border, |margin| / |w|_dual."""
    model, rows = linear(2), field(np.zeros(N, int))
    rows = Batch(rows.x, model.logits(rows.x).argmax(axis=1))
    w = model.layers[0].W.astype(np.float64) @ [-1, 1]
    distance = np.abs(margins(model, rows.x, rows.y)).max(axis=1) / np.linalg.norm(w, ord=DUAL[norm])

    def fooled(i: int, share: float) -> bool:
        ball, one = Ball(float(share * distance[i]), norm, ROOMY), rows[[i]]
        answer = Referee(ball).judge(attacker.move(GradientView(one, ball, model), default_rng(0)), one)
        return bool(model.logits(answer.x).argmax() != one.y[0])

    return [(fooled(i, 0.998), fooled(i, 1.002)) for i in np.argsort(distance)[10:20]]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("attacker", [PGD(), PGD(loss="margin"), MomentumPGD()], ids=["pgd", "margin", "momentum"])
def test_an_attack_succeeds_just_above_the_exact_distance_and_fails_just_below(norm, attacker):
    assert just_below_and_just_above(attacker, norm) == [(False, True)] * 10


@pytest.mark.parametrize("norm", RADII)
def test_fgsm_too_succeeds_just_above_the_exact_distance_and_fails_just_below(norm):
    assert just_below_and_just_above(FGSM(), norm) == [(False, True)] * 10


def test_the_cross_entropy_of_two_classes_is_a_function_of_the_margin():
    model, rows = linear(2), field(np.zeros(N, int))
    values, _ = CrossEntropy().value_and_grad(model.logits(rows.x), rows.y)
    np.testing.assert_allclose(values, np.log1p(np.exp(margins(model, rows.x, rows.y)[:, 1])), rtol=1e-4)
