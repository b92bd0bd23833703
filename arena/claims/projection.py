"""Claim 3: gradient ascent leaves the ball; the projection keeps it in and costs little."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import CrossEntropy, Objective
from arena.engine.arrays import Array, Mask
from arena.threat import Ball
from results import Bars, Chart, Criterion, Line, Lines, crossed, difference, exactly, mean

STEPS = 40
Keep: TypeAlias = Callable[[Array, Array, Ball], Array]


def free(x: Array, center: Array, ball: Ball) -> Array:
    """Nothing keeps the ascent in the ball; only pixels stay pixels."""
    return np.clip(x, *ball.box)


def projected(x: Array, center: Array, ball: Ball) -> Array:
    """The nearest point of ball ∩ box."""
    return ball.project(x, center)


def scaled_back(x: Array, center: Array, ball: Ball) -> Array:
    """The whole change shrunk until it fits, then put into the box."""
    size = ball.size(x - center)[:, None].astype(np.float32)
    return np.clip(center + (x - center) * np.minimum(1, np.float32(ball.radius) / np.maximum(size, 1e-12)), *ball.box)


def clipped(x: Array, center: Array, ball: Ball) -> Array:
    """Every pixel's change cut to what fits if all are changed alike, r / sqrt(d) in L2."""
    most = np.float32(ball.radius / (np.sqrt(x.shape[1]) if ball.norm == "l2" else 1))
    return np.clip(center + np.clip(x - center, -most, most), *ball.box)


WAYS: dict[str, Keep] = {way.__name__.replace("_", " "): way for way in (free, projected, scaled_back, clipped)}


def measure(bench: Bench) -> Evidence:
    """Ascent on plain networks in L2, the same steps kept in the ball in four ways: distance, accuracy."""
    d = bench.dataset.rows.x.shape[1]
    ball = Ball(bench.ball.radius * d**0.5 / 2, "l2")
    runs = {name: [ascent(bench, seed, ball, way) for seed in range(bench.seeds)] for name, way in WAYS.items()}
    distances = {
        name: np.stack([run[0] for run in found]) / ball.radius for name, found in runs.items()
    }  # (seeds, steps, points)
    stand = {name: np.stack([run[1] for run in found]) for name, found in runs.items()}
    best = bench.attacked("strongest", "plain", ball)
    ends = {name: mean(distance[:, -1]) for name, distance in distances.items()}
    return Evidence(
        criteria=(
            Criterion(f"distance of free ascent after {STEPS} steps, in radii", ends["free"], above=1.0, unit=""),
            Criterion(
                "projected ascent: farthest outside the ball, all steps and points, in radii",
                exactly(max(0.0, float(distances["projected"].max()) - 1)),
                below=1e-6,
                unit="",
            ),
            Criterion(
                "accuracy left by projecting, less by strongest in the same ball",
                difference(stand["projected"], best),
                below=0.05,
            ),
            Criterion(
                "accuracy left by scaling back, less by projecting",
                difference(stand["scaled back"], stand["projected"]),
                above=-0.02,
            ),
        ),
        tables=[
            (
                f"after {STEPS} steps of a quarter radius, L2 ball of radius {ball.radius:.3g}",
                ("way", "distance in radii", "accuracy, %"),
                [[name, f"{ends[name].estimate:.2f}", percent(crossed(stand[name]))] for name in WAYS],
            )
        ],
        chart=chart(distances, stand),
    )


def chart(distances: dict[str, Array], stand: dict[str, Mask]) -> Chart:
    """How far each way has gone (seeds, STEPS, points), and what stands at its end (seeds, points)."""
    steps = np.arange(1, STEPS + 1)
    far = {name: [mean(distance[:, k]) for k in range(STEPS)] for name, distance in distances.items()}
    left = Lines(
        title="how far the ascent has gone",
        xlabel="step",
        ylabel="distance, in radii of the ball",
        lines=[Line.of(name, steps, way, scale=1) for name, way in far.items()],
    )
    right = Bars(
        title="what it achieves",
        ylabel="accuracy left, %",
        labels=list(WAYS),
        series={"accuracy": shares(list(stand.values()))},
    )
    return Chart("Gradient ascent leaves the ball; the projection keeps it in and costs little", [left, right])


def ascent(bench: Bench, seed: int, ball: Ball, keep: Keep) -> tuple[Array, Mask]:
    """Each step's distances from the start (STEPS, points), and which points are still right at the end."""
    model, field = bench.model("plain", seed), bench.rules().deal.fields[0]
    objective = Objective(model, CrossEntropy())
    objective.at(field.y)
    x, gone = field.x, []
    for _ in range(STEPS):
        _, _, g = objective.direction(x)
        x = keep(x + np.float32(ball.radius / 4) * ball.direction(g), field.x, ball)
        gone.append(ball.size(x - field.x))
    return np.stack(gone), model.logits(x).argmax(axis=1) == field.y


CLAIM = Claim(
    number=3,
    name="projection",
    statement="Gradient ascent leaves the ball; the projection keeps it in and costs little.",
    measure=measure,
    otherwise="a ball too small for any change within it to matter shows the cost of staying inside",
)
