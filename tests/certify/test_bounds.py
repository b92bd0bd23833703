"""Bounds against points: nothing inside the ball crosses them, linear networks meet them, and what is unsound is caught."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import PGD, Strongest
from arena import Ball, Batch, GradientView, InvalidValue
from arena.certify import ReLUNet, certify, l2_radii
from arena.certify.crown import crown_bounds, slopes
from arena.certify.intervals import interval_bounds
from arena.certify.proofs import METHODS, margins
from arena.certify.region import Region
from arena.engine import Average, Dense, Dropout, ReLU, Sequential, mlp

BALLS = [Ball(0.05), Ball(0.3), Ball(0.3, "l2"), Ball(2.0, "l2"), Ball(0.5, "l1"), Ball(3.0, "l1")]


def points(x: np.ndarray, ball: Ball, rng, n: int = 200) -> np.ndarray:
    """Points of the ball around one row, many on its border."""
    center = np.repeat(x[None], n, axis=0).astype(np.float64)
    g = rng.standard_normal(center.shape)
    inner, border = ball.uniform(center.astype(np.float32), rng), ball.farthest(g, center)
    return np.concatenate([inner.astype(np.float64), border, center[:1]])


@pytest.mark.parametrize("ball", BALLS, ids=str)
def test_no_point_of_the_ball_crosses_a_bound(ball):
    for seed in range(8):
        rng = default_rng(seed)
        model = mlp((6, 9, 8, 4), rng=rng)
        net, x = ReLUNet.of(model), rng.random((3, 6)).astype(np.float32)
        y, region = rng.integers(0, 4, 3), Region.of(x, ball)
        hidden = {
            "crown": crown_bounds(net, region, net.slack()),
            "intervals": interval_bounds(net, region, net.slack()),
        }
        for i in range(3):
            near = points(x[i], ball, rng)
            h, z = near, net.logits(near)
            for layer in range(2):
                pre = h @ net.W[layer] + net.b[layer]
                for bounds in hidden.values():
                    assert (bounds[layer][0][i] <= pre).all() and (pre <= bounds[layer][1][i]).all()
                h = np.maximum(pre, 0)
            gaps = np.delete(z[:, [y[i]]] - z, y[i], axis=1).min(axis=0)
            for method in METHODS:
                assert (np.delete(margins(net, region, y, method)[i], y[i]) <= gaps).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_a_linear_network_is_bounded_exactly(norm):
    rng = default_rng(0)
    W, x = 0.1 * rng.standard_normal((10, 3)), rng.uniform(0.4, 0.6, (50, 10))
    model, y = Sequential((Dense.of(W, rng.standard_normal(3)),)), rng.integers(0, 3, 50)
    ball = Ball(0.2, norm)
    z = model.logits(x)
    order = {"linf": 1, "l2": 2, "l1": np.inf}[norm]
    slopes_ = np.linalg.norm(W.T[y][:, None] - W.T[None], ord=order, axis=2)
    truth = z[np.arange(50), y][:, None] - z - 0.2 * slopes_
    truth[np.arange(50), y] = np.inf
    for method in set(METHODS) - ({"lipschitz"} if norm != "l2" else set()):
        np.testing.assert_allclose(certify(model, x, y, ball, method=method).lower, truth.min(axis=1), atol=1e-5)


def test_crown_is_never_behind_intervals_and_tighter_where_it_matters(digits, net):
    test, ball = digits[1][:100], Ball(0.03)
    crown, intervals = (certify(net, test.x, test.y, ball, method=m).lower for m in ("crown", "intervals"))
    alpha = certify(net, test.x, test.y, ball, method="alpha-crown").lower
    assert (alpha >= crown).all()
    assert (crown >= intervals - 1e-9).all()
    assert (crown > 0).mean() > 0.5 > 0.05 > (intervals > 0).mean()


@pytest.mark.parametrize("ball", [Ball(0.03), Ball(0.06), Ball(0.3, "l2"), Ball(0.8, "l1")], ids=str)
def test_no_attack_succeeds_inside_a_certified_ball(ball, digits, net):
    test = digits[1]
    certified = np.zeros(len(test), bool)
    for method in METHODS:
        certified |= certify(net, test.x, test.y, ball, method=method).certified
    rows = np.flatnonzero(certified)
    assert len(rows) > 20
    view = GradientView(test[rows], ball, net)
    for player in (PGD(restarts=2), PGD(loss="margin"), Strongest()):
        x = player.move(view, default_rng(0)).x
        assert (net.logits(x).argmax(axis=1) == view.field.y).all()


def test_l2_radii_hold(digits, net):
    test = digits[1][:200]
    radii = l2_radii(ReLUNet.of(net), test.x)
    read = net.logits(test.x).argmax(axis=1)
    for i in np.argsort(-radii)[:20]:
        view = GradientView(Batch(test.x[[i]], read[[i]]), Ball(float(radii[i]), "l2"), net)
        assert net.logits(PGD(steps=100).move(view, default_rng(0)).x).argmax() == read[i]
    tied = ReLUNet((np.zeros((2, 3)),), (np.zeros(3),))
    assert (l2_radii(tied, np.zeros((1, 2))) == 0).all()


def cancelling(size: float = 4e6) -> Sequential:
    """Two affine layers with nothing between them: x comes in `size` times, twice, and cancels; class 0 leads by 0.01."""
    first = Dense.of(np.full((1, 2), size, np.float32), np.array([0.3, 0.7], np.float32))
    second = Dense.of(np.array([[1, 0], [-1, 0]], np.float32), np.array([0.41, 0.0], np.float32))
    return Sequential((first, second))


def test_what_merging_hides_is_taken_off():
    """The merged network is constant and reads class 0 everywhere; the one that runs rounds a million times coarser."""
    model, x = cancelling(), default_rng(0).random((300, 1)).astype(np.float32)
    net, y, ball = ReLUNet.of(model), np.zeros(300, int), Ball(0.2)
    assert not net.W[0].any()
    assert (model.logits(ball.uniform(x, default_rng(1))).argmax(axis=1) == 1).any()
    for method in METHODS:
        assert not certify(model, x, y, ball, method=method).certified.any()
        assert certify(cancelling(10.0), x, y, ball, method=method).certified.all()


def test_the_l2_radius_covers_rounding_in_the_whole_ball():
    model, x = cancelling(), np.zeros((1, 1), np.float32)
    radius = float(l2_radii(ReLUNet.of(model), x, "float32")[0])
    assert 0 < radius < 0.1
    near, far = (np.linspace(0, end, 2000, dtype=np.float32)[:, None] for end in (radius, 1.0))
    assert (model.logits(near).argmax(axis=1) == 0).all()
    assert (model.logits(far).argmax(axis=1) == 1).any()


def test_what_overflows_is_not_certified():
    layers = [Dense.of(np.array([[1e20]], np.float32), np.zeros(1, np.float32)), ReLU()] * 2
    model = Sequential((*layers, Dense.of(np.array([[0.0, 1.0]], np.float32), np.zeros(2, np.float32))))
    x, y = np.ones((1, 1), np.float32), np.ones(1, int)
    for method in METHODS:
        assert certify(model, x, y, Ball(0.1), method=method, precision="float64").certified.all()
        assert not certify(model, x, y, Ball(0.1), method=method).certified.any()
    assert (l2_radii(ReLUNet.of(model), x, "float32") == 0).all()


@pytest.mark.parametrize("last", [1e-30, 0.0])
@pytest.mark.parametrize("between", [(ReLU(),), ()], ids=["hidden", "merged"])
def test_what_overflows_on_the_way_is_not_certified_however_small_it_is_made_again(between, last):
    first = Dense.of(np.full((2, 1), 3e38, np.float32), np.zeros(1, np.float32))
    model = Sequential((first, *between, Dense.of(np.array([[last, 0]], np.float32), np.array([1, 0], np.float32))))
    x, y = np.full((1, 2), 0.9, np.float32), np.zeros(1, int)
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(model.logits(x)).any()
    for method in METHODS:
        assert certify(model, x, y, Ball(0.01), method=method, precision="float64").certified.all()
        assert not certify(model, x, y, Ball(0.01), method=method).certified.any()
    assert (l2_radii(ReLUNet.of(model), x, "float32") == 0).all()


def test_a_network_that_reads_its_rows_in_its_own_way_is_refused():
    class Contrary(Sequential):
        def logits(self, x):
            return -super().logits(x)

    model = Contrary((Dense.of(np.eye(2), np.zeros(2)),))
    with pytest.raises(InvalidValue, match="got Contrary"):
        certify(model, np.array([[0.9, 0.1]]), np.zeros(1, int), Ball(0.01))


def test_rows_outside_the_box_are_refused_for_there_is_no_ball_around_them():
    model, y = Sequential((Dense.of(np.eye(2), np.zeros(2)),)), np.zeros(1, int)
    for method in METHODS:
        with pytest.raises(InvalidValue, match="box"):
            certify(model, np.array([[5.9, 5.1]]), y, Ball(0.1), method=method)
        assert certify(model, np.array([[5.9, 5.1]]), y, Ball(0.1, box=(0, 9)), method=method).certified.all()


def test_what_is_not_a_number_certifies_nothing(digits, net):
    broken = [p.copy() for layer in net.params for p in layer]
    broken[2][0, 0] = np.nan
    layers = iter(broken)
    model = net.with_params(tuple(tuple(next(layers) for _ in layer) for layer in net.params))
    test = digits[1][:20]
    with np.errstate(invalid="ignore"):
        for method in ("alpha-crown", "crown", "intervals"):
            assert not certify(model, test.x, test.y, Ball(1e-4), method=method).certified.any()
    s, a, c = slopes(np.array([np.nan]), np.array([1.0]))
    assert np.isnan(s + a + c).all()


def test_a_tie_is_not_certified():
    model = Sequential((Dense.of(np.zeros((2, 2)), np.zeros(2)),))
    assert not certify(model, np.zeros((1, 2)), np.zeros(1, int), Ball(1e-6)).certified.any()


def test_dropout_spectral_norms_and_merged_layers_are_folded(digits):
    rng = default_rng(0)
    test = digits[1][:10]
    scaled = Sequential(
        (Dense.he(64, 8, rng), ReLU(), Dropout(0.5, inverted=False), Dense.he(8, 6, rng), Dense.he(6, 10, rng))
    )
    for model in (scaled, mlp((64, 12, 10), rng=rng, kappa=1.5, dropout=0.2)):
        np.testing.assert_allclose(ReLUNet.of(model).logits(test.x), model.logits(test.x), rtol=1e-4, atol=1e-4)
    assert len(ReLUNet.of(scaled)) == 2


def test_unknown_networks_and_rows_are_refused(net):
    with pytest.raises(InvalidValue, match="can be certified"):
        certify(Average((net, net)), np.zeros((1, 64)), np.zeros(1, int), Ball(0.1))
    with pytest.raises(InvalidValue, match="labels"):
        certify(net, np.zeros((1, 64)), np.full(1, 10), Ball(0.1))
    with pytest.raises(InvalidValue, match="a certificate is about at least one row; got none"):
        certify(net, np.zeros((0, 64)), np.zeros(0, int), Ball(0.1))
    with pytest.raises(InvalidValue, match="crown"):
        certify(net, np.zeros((1, 64)), np.zeros(1, int), Ball(0.1), method="crowm")


def test_a_certificate_says_what_it_proves(digits, net):
    test = digits[1][:5]
    one = certify(net, test.x, test.y, Ball(0.01, "l2"), method="lipschitz", precision="float32")
    assert (one.method, one.norm, one.radius, one.arithmetic) == ("lipschitz", "l2", 0.01, "float32")
    assert one.network == ReLUNet.of(net).digest
    other = net.with_params(tuple(tuple(p * np.float32(1.001) for p in layer) for layer in net.params))
    assert ReLUNet.of(other).digest != one.network
