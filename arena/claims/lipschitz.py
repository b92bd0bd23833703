"""Claim 9: the loss changes by at most c r, and c is a product of largest singular values.

Criteria marked *checked* are theorems, or identities computed in two ways: only a defect of this code could break them. What can
come out either way is how much of the bound an attack attains, and whether a smaller c lowers it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from arena.claims.bench import Bench, percent
from arena.claims.claim import Claim, Evidence
from arena.claims.constants import rules
from arena.engine import CrossEntropy, Sequential
from arena.engine.arrays import Array
from arena.threat import Ball
from results import Bars, Chart, Criterion, Interval, Line, Lines, exactly, mean

RADII = (0.05, 0.1, 0.2, 0.4, 0.8)
JUDGED, JUDGED_OF = 0.2, ("plain", "σ ≤ 1")
NETS = {
    "plain": "plain",
    "adversarial training": "adversarial-training",
    "σ ≤ 2": "spectral-normalisation",
    "σ ≤ 1": "spectral-normalisation(kappa=1.0)",
}
ATTACK = "pgd(steps=100, restarts=3, stop_fooled=False)"  # raises the loss on and on; strongest stops at a misreading
_LOSS = math.sqrt(2)  # the Lipschitz constant of cross-entropy in the logits: |softmax(z) - e_y| <= sqrt(2)


def measure(bench: Bench) -> Evidence:
    """For each net the bound c r against the rise of the loss that the attack attains; and the rules behind c."""
    plain = bench.model("plain")
    assert isinstance(plain, Sequential)
    rises = {name: {r: rise(bench, net, Ball(r, "l2")) for r in RADII} for name, net in NETS.items()}
    slopes = {name: _LOSS * constants(bench, net) for name, net in NETS.items()}  # c, a seed
    reached = {name: {r: attained(slopes[name] * r, rises[name][r]) for r in RADII} for name in NETS}
    most = max(float((rises[n][r].max(axis=1) / (slopes[n] * r)).max()) for n in NETS for r in RADII)
    rows = [
        [
            name,
            f"{r:g}",
            f"{slopes[name].mean() * r:.4g}",
            f"{rises[name][r].max(axis=1).mean():.4g}",
            percent(reached[name][r]),
        ]
        for name in NETS
        for r in RADII
    ]
    return Evidence(
        criteria=(
            falls(*(rises[name][JUDGED] for name in JUDGED_OF)),
            Criterion("checked: rise attained / bound, most of all nets, radii, seeds", exactly(most), below=1.0),
            *rules(plain, bench.rules().deal.fields[0].x),
        ),
        tables=[
            (
                "bound and attack at the test point where the loss rises most, means of the seeds",
                ("net", "radius", "bound c r", "attained", "attained, % of the bound"),
                rows,
            )
        ],
        chart=chart(slopes["plain"], rises["plain"], {name: by[JUDGED] for name, by in reached.items()}),
        found=f"Of the bound at r = {JUDGED:g}, pgd attains so many % at the worst point: "
        + ", ".join(f"{name} {percent(by[JUDGED])}" for name, by in reached.items())
        + f". Mean loss, clean and under it: {', '.join(f'{name} {losses(bench, name)}' for name in JUDGED_OF)}."
        " What is marked 'checked' is a theorem: it fails by a defect of this code alone.",
    )


def chart(slopes: Array, rises: dict[float, Array], reached: dict[str, Interval]) -> Chart:
    """Bound and rise over the radius, of the plain network; the share of it that is attained, of every net."""
    worst = [rises[r].max(axis=1).mean() for r in RADII]
    left = Lines(
        title="plain: loss gained at the worst test point",
        xlabel="L2 radius r",
        ylabel="rise of the cross-entropy",
        lines=[
            Line("bound c r", RADII, slopes.mean() * np.array(RADII)),
            Line("attained by pgd", RADII, worst),
        ],
        logx=True,
        logy=True,
    )
    right = Bars(
        title=f"what pgd attains of the bound, r = {JUDGED:g}",
        ylabel="attained / bound, %",
        labels=list(reached),
        series={"attained": list(reached.values())},
    )
    return Chart(
        "The loss changes by at most c·r, and c is what the layers' largest singular values multiply to", [left, right]
    )


def attained(bounds: Array, rises: Array) -> Interval:
    """The largest rise as a share of the bound, mean of the seeds: bounds (seeds,), rises (seeds, points)."""
    found = mean((rises.max(axis=1) / bounds)[:, None])
    return replace(found, low=max(found.low, 0.0))


def falls(plain: Array, normalised: Array) -> Criterion:
    """Is a smaller constant of use: rises (seeds, points) of the plain network, less those with every layer divided by sigma."""
    return Criterion(
        f"r = {JUDGED:g}: mean rise attained, plain less σ ≤ 1", mean(plain - normalised), above=0.0, unit=""
    )


def losses(bench: Bench, name: str) -> str:
    """The mean losses at the clean and at the attacked points, over all seeds."""
    played = bench.rounds(ATTACK, NETS[name], Ball(JUDGED, "l2"))
    loss = CrossEntropy()
    clean = np.mean([loss(p.model.logits(p.field.x), p.field.y) for p in played])
    attacked = np.mean([loss(p.model.logits(p.answer.x), p.answer.y) for p in played])
    return f"{clean:.2f} and {attacked:.2f}"


def rise(bench: Bench, net: str, ball: Ball) -> Array:
    """How much the attack raises the loss: (seeds, points)."""
    played = bench.rounds(ATTACK, net, ball)
    loss = CrossEntropy()
    risen = [loss(p.model.logits(p.answer.x), p.field.y) - loss(p.model.logits(p.field.x), p.field.y) for p in played]
    return np.stack(risen).astype(np.float64)


def constants(bench: Bench, net: str) -> Array:
    """Each seed's bound from rows to logits: (seeds,)."""
    models = [bench.model(net, seed) for seed in range(bench.seeds)]
    return np.array([model.lipschitz() for model in models])  # type: ignore[attr-defined]  # these nets are Sequential


CLAIM = Claim(
    number=9,
    name="lipschitz",
    statement="The loss changes by at most c·r; a layer's constant is its largest singular value, compositions multiply.",
    measure=measure,
    otherwise="a constant that holds the attack back; what is checked is proven, and fails by a defect of this code alone",
)
