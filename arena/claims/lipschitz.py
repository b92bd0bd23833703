"""Claim 9: the loss changes by at most c r, and c is a product of largest singular values."""

from __future__ import annotations

import math

import numpy as np

from arena.claims.bench import Bench
from arena.claims.claim import Claim, Evidence
from arena.engine import CrossEntropy, Dense, Sequential
from arena.engine.arrays import Array
from arena.threat import Ball
from results import Chart, Criterion, Line, Lines, exactly

RADII = (0.05, 0.1, 0.2, 0.4, 0.8)
NETS = ("plain", "adversarial-training", "spectral-normalisation", "spectral-normalisation(kappa=1.0)")
ATTACK = "pgd(steps=100, restarts=3, stop_fooled=False)"  # raises the loss on and on; strongest stops at a misreading
_LOSS = math.sqrt(2)  # the Lipschitz constant of cross-entropy in the logits: |softmax(z) - e_y| <= sqrt(2)


def measure(bench: Bench) -> Evidence:
    """For each net the bound c r against the largest rise of the loss that the attack attains; and the rules behind c."""
    rises = {net: [rise(bench, net, Ball(r, "l2")) for r in RADII] for net in NETS}
    bounds = {net: [_LOSS * constant(bench, net) * r for r in RADII] for net in NETS}
    largest = max(float((np.array(rises[net][k]) / bounds[net][k]).max()) for net in NETS for k in range(len(RADII)))
    rows = [
        [
            net,
            f"{r:g}",
            f"{bounds[net][k]:.4g}",
            f"{rises[net][k].max():.4g}",
            f"{bounds[net][k] / rises[net][k].max():.3g}",
        ]
        for net in NETS
        for k, r in enumerate(RADII)
    ]
    panels = [
        Lines(title=f"{title}: loss gained at the worst test point", xlabel="L2 radius r", ylabel="rise of the cross-entropy",
              lines=[Line("bound c r", RADII, bounds[net]), Line("attained by pgd", RADII, [float(a.max()) for a in rises[net]])],
              logx=True, logy=True)
        for net, title in (("plain", "plain"), (NETS[-1], "every layer divided by σ"))
    ]  # fmt: skip
    return Evidence(
        criteria=(
            Criterion(
                "largest rise attained / bound, all nets, radii and points",
                interval=exactly(largest),
                below=1.0,
                unit="",
            ),
            *rules(bench),
        ),
        tables=[
            (
                "bound and attack, worst of all points and seeds",
                ("net", "radius", "bound c r", "attained", "ratio"),
                rows,
            )
        ],
        chart=Chart(
            "The loss changes by at most c·r, and c is what the layers' largest singular values multiply to", panels
        ),
    )


def rules(bench: Bench) -> tuple[Criterion, ...]:
    """The arithmetic: sigma = sqrt(lambda_max(W^T W)), products, sin, x², and W / 2 sigma."""
    net = bench.model("plain")
    assert isinstance(net, Sequential)
    layers = [layer for layer in net.layers if isinstance(layer, Dense)]
    errors = [abs(layer.lipschitz() / root_of_gram(layer.W) - 1) for layer in layers]
    grid = np.linspace(-10, 10, 4001)
    first = layers[0].W
    half = stretch(first / (2 * layers[0].lipschitz()))
    wide, narrow = (slope(np.square, grid * scale) for scale in (10, 1))
    product = float(np.prod([layer.lipschitz() for layer in layers]))
    return (
        Criterion("sigma against the root of WᵀW's largest eigenvalue", exactly(max(errors)), below=1e-6, unit=""),
        Criterion(
            "composition's slope / product of constants", exactly(composed(net, bench) / product), below=1.0, unit=""
        ),
        Criterion("steepest slope of sin, less 1", exactly(slope(np.sin, grid) - 1), above=-1e-3, below=1e-9, unit=""),
        Criterion("steepest slope of x², tenfold interval / interval", exactly(wide / narrow), above=9.9, unit=""),
        Criterion("stretch of W / (2 sigma)", exactly(half), above=0.4999, below=0.5001, unit=""),
    )


def rise(bench: Bench, net: str, ball: Ball) -> Array:
    """How much the attack raises the loss at each point, all seeds after one another."""
    played = bench.rounds(ATTACK, net, ball)
    loss = CrossEntropy()
    risen = [loss(p.model.logits(p.answer.x), p.field.y) - loss(p.model.logits(p.field.x), p.field.y) for p in played]
    return np.concatenate(risen).astype(np.float64)


def constant(bench: Bench, net: str) -> float:
    """The largest of the seeds' bounds from rows to logits."""
    return max(bench.model(net, seed).lipschitz() for seed in range(bench.seeds))  # type: ignore[attr-defined]  # these nets are Sequential


def root_of_gram(W: Array) -> float:
    """The root of the largest eigenvalue of WᵀW, by another algorithm than the singular values."""
    wide = W.astype(np.float64)
    return math.sqrt(float(np.linalg.eigvalsh(wide.T @ wide)[-1]))


def composed(net: Sequential, bench: Bench) -> float:
    """The largest singular value of the whole network's Jacobian at the test points: a lower bound on its constant."""
    x = bench.rules().deal.fields[0].x
    _, pull = net.vjp(x)
    rows = np.stack(
        [pull(np.tile(np.eye(net.classes, dtype=x.dtype)[k], (len(x), 1))) for k in range(net.classes)], axis=1
    )
    return float(np.linalg.norm(rows.astype(np.float64), 2, axis=(1, 2)).max())


def stretch(W: Array) -> float:
    """How much a map stretches its most stretched vector, by 1,000 power iterations."""
    wide = W.astype(np.float64)
    v = np.ones(wide.shape[1])
    for _ in range(1000):
        v = wide.T @ (wide @ v)
        v /= np.linalg.norm(v)
    return float(np.linalg.norm(wide @ v))


def slope(f: np.ufunc, x: Array) -> float:
    """The steepest difference quotient of neighbours."""
    return float(np.abs(np.diff(f(x)) / np.diff(x)).max())


CLAIM = Claim(
    number=9,
    name="lipschitz",
    statement="The loss changes by at most c·r; a layer's constant is its largest singular value, compositions multiply.",
    measure=measure,
    otherwise="nothing: the bound is a theorem, and an attack above it would be a defect of this code",
)
