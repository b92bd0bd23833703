"""Claim 6: noise in training leaves holes, and to fill a ball takes exponentially many samples in the dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.batch import Batch
from arena.claims.bench import Bench, percent
from arena.claims.claim import Claim, Evidence
from arena.claims.growth import Cell, growth
from arena.engine import Adam, Sequential, cosine, fit, fitted, mlp
from arena.engine.arrays import Array, Mask
from arena.evaluation import evaluate
from arena.referee import hits
from arena.streams import stream
from arena.threat import Ball
from results import Chart, Criterion, Interval, Line, Lines, crossed, difference

DIMENSIONS = (2, 4, 6, 8, 10, 16, 64)
SAMPLES = (1, 8, 64, 512, 4096)
POINTS, UPDATES, DRAWS = 40, 1500, 1000


def measure(bench: Bench) -> Evidence:
    """Share of points with a hole, by dimension and samples per point; and what noise in training gains on the data."""
    cells = {cell: [with_hole(*cell, s) for s in range(bench.seeds)] for cell in product(DIMENSIONS, SAMPLES)}
    found, unseen = ({cell: np.stack([both[k] for both in runs]) for cell, runs in cells.items()} for k in (0, 1))
    holes, hidden = ({cell: crossed(hit) for cell, hit in hits.items()} for hits in (found, unseen))
    gain = difference(bench.attacked("pgd", "noise-augmentation"), bench.attacked("pgd", "plain"))
    last = DIMENSIONS[-1], SAMPLES[-1]
    return Evidence(
        criteria=(
            Criterion(f"accuracy under pgd that noise in training gains, {bench.data}", gain, below=0.1),
            Criterion(f"points with a hole, dimension {last[0]}, {last[1]} samples a point", holes[last], above=0.5),
            Criterion(f"those that {DRAWS} random draws do not find", hidden[last], above=0.5),
            *growth(found),
            replace(
                growth({(d, k): hit for (d, k), hit in found.items() if 4 <= d <= 10})[1],
                quantity="… the same, of dimensions 4 to 10 alone, where the shares are far from 0 and 1",
            ),
        ),
        tables=[
            (
                "points with a hole in their ball, in %: read right, but not everywhere in the ball (pgd)\n"
                "covering: a formula, not measured: the balls of half the radius that cover the ball are at least 2^dimension",
                *by_cell(holes),
            ),
            (
                f"those of them that {DRAWS} random draws from the ball do not find, in % of all points",
                *by_cell(hidden),
            ),
        ],
        chart=Chart(
            "Noise in training leaves holes; the samples that close them grow exponentially with the dimension",
            [
                Lines(
                    title="holes that remain",
                    xlabel="noisy samples per training point",
                    logx=True,
                    percent=True,
                    ylabel="points with a hole, %",
                    lines=[Line.of(f"dimension {d}", SAMPLES, [holes[d, k] for k in SAMPLES]) for d in DIMENSIONS],
                ),
                Lines(
                    title="samples that leave half of the points with a hole",
                    xlabel="dimension",
                    logy=True,
                    ylabel="number of samples per point",
                    lines=[
                        Line("measured", *half_open(holes)),
                        Line(
                            "covering number, at least 2^dimension: a formula",
                            DIMENSIONS[:-1],
                            [2.0**d for d in DIMENSIONS[:-1]],
                        ),
                    ],
                ),
            ],
        ),
    )


def half_open(holes: Mapping[Cell, Interval]) -> tuple[list[int], list[float]]:
    """Dimensions, and the samples a point at which half of the points have a hole, interpolated; where that is crossed."""
    at = {}
    for d in DIMENSIONS:
        shares = np.array([holes[d, k].estimate for k in SAMPLES])
        if shares[0] > 0.5 > shares[-1]:
            at[d] = float(2 ** np.interp(-0.5, -np.minimum.accumulate(shares), np.log2(SAMPLES)))
    return list(at), list(at.values())


def by_cell(found: Mapping[tuple[int, int], Interval]) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of a table of dimensions by samples."""
    rows = [[f"{d}", *(percent(found[d, k]) for k in SAMPLES), f"{2.0**d:.2g}"] for d in DIMENSIONS]
    return ("dimension", *(f"{k} samples" for k in SAMPLES), "covering"), rows


def with_hole(dimension: int, samples: int, seed: int) -> tuple[Mask, Mask]:
    """Which of the points have a hole (POINTS,), and which of the holes random draws do not find.

    The network was trained on `samples` draws from each point's ball. The balls are disjoint: one without holes exists.
    """
    rng = stream("holes", dimension, samples, seed)
    from scipy.spatial.distance import pdist

    points = Batch(spread(dimension, rng), np.arange(POINTS) % 2)
    ball = Ball(0.45 * float(pdist(points.x).min()), "l2", box=(-9.0, 9.0))
    model = trained(points, ball, samples, rng)
    attacker = roster.build("attackers", "pgd(steps=60, restarts=5)")
    judged = evaluate(model, points.x, points.y, attacker, ball, seed=seed)
    hole = judged.clean & ~judged.attacked
    unseen = hits(model, drawn(points, ball, DRAWS, rng)).reshape(DRAWS, POINTS).all(axis=0)
    return hole, hole & unseen


def drawn(points: Batch, ball: Ball, samples: int, rng: Generator) -> Batch:
    """So many draws from each point's ball, one set of all points after another; a call gives equal rows equal noise."""
    x = np.concatenate([ball.uniform(points.x, rng) for _ in range(samples)])
    return Batch(x, np.tile(points.y, samples))


def spread(dimension: int, rng: Generator) -> Array:
    """Points of the unit cube far from each other (POINTS, dimension): each next one is the farthest of many draws."""
    candidates = rng.random((50 * POINTS, dimension), dtype=np.float32)
    chosen = [0]
    nearest = np.full(len(candidates), np.inf)
    for _ in range(POINTS - 1):
        nearest = np.minimum(nearest, np.linalg.norm(candidates - candidates[chosen[-1]], axis=1))
        chosen.append(int(nearest.argmax()))
    return candidates[chosen][rng.permutation(POINTS)]


def trained(points: Batch, ball: Ball, samples: int, rng: Generator) -> Sequential:
    """A network trained on so many draws around each point, for about the same number of updates whatever their number."""
    rows = drawn(points, ball, samples, rng)
    network = mlp((points.x.shape[1], 128, 128, 2), rng=rng)
    epochs = -(-UPDATES // -(-len(rows) // 128))
    return fitted(
        fit(
            network,
            rows.x,
            rows.y,
            rng=rng,
            epochs=epochs,
            batch_size=128,
            optimiser=Adam(learning_rate=2e-3),
            schedule=cosine,
        )
    )


CLAIM = Claim(
    number=6,
    name="holes",
    statement="Noise in training does not help much: holes remain, and what fills a ball grows exponentially with dimension.",
    measure=measure,
    otherwise="a loss over the whole ball at once: even in two dimensions samples beyond the covering number leave holes",
)
