"""Claim 6: noise in training leaves holes, and to fill a ball takes exponentially many samples in the dimension.

How far the balls stand apart matters to what a network must do between them: every rule is asked of two separations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from arena.claims.bench import Bench, percent
from arena.claims.claim import Claim, Evidence
from arena.claims.filling import DRAWS, with_hole
from arena.claims.growth import Cell, growth
from arena.engine.arrays import Mask
from results import Chart, Criterion, Interval, Line, Lines, crossed, difference


@dataclass(frozen=True)
class Tried:
    """Dimensions, samples a point, and those of the dimensions where the shares are far from 0 and 1."""

    dimensions: tuple[int, ...]
    samples: tuple[int, ...]
    middle: tuple[int, ...]


BALLS = {  # by radius, in least distances of two points
    0.45: Tried((2, 4, 6, 8, 10, 16, 64), (1, 8, 64, 512, 4096), (4, 6, 8, 10)),
    0.3: Tried((8, 12, 16, 24, 32), (1, 64, 4096), (8, 12, 16, 24)),
}


NOISE = 1, 2, 3  # the radii of the attack that the noise in training reaches


def measure(bench: Bench) -> Evidence:
    """Share of points with a hole, by dimension and samples per point; and what noise in training gains on the data."""
    both = {radius: runs(radius, bench.seeds) for radius in BALLS}
    holes, hidden = ({r: {c: crossed(hit) for c, hit in one[k].items()} for r, one in both.items()} for k in (0, 1))
    r, plain = bench.ball.radius, bench.attacked("pgd", "plain")
    gain = {k: difference(bench.attacked("pgd", f"noise-augmentation(scale={k * r:g})"), plain) for k in NOISE}
    return Evidence(
        criteria=(
            *(
                Criterion(
                    f"accuracy under pgd that noise to {k * r:g} in training gains, {bench.data}", found, below=0.1
                )
                for k, found in gain.items()
            ),
            *(criterion for radius, (found, unseen) in both.items() for criterion in judged(radius, found, unseen)),
        ),
        tables=[
            *(
                (
                    f"balls of {radius:g} a: points with a hole in their ball, in %: read right, but not everywhere in it (pgd)\n"
                    "covering: a formula, not measured: the balls of half the radius that cover one are at least 2^dimension",
                    *by_cell(holes[radius]),
                )
                for radius in BALLS
            ),
            *(
                (
                    f"balls of {radius:g} a: holes that {DRAWS} random draws from the ball do not find, in % of all points",
                    *by_cell(hidden[radius]),
                )
                for radius in BALLS
            ),
        ],
        chart=chart(holes),
        found="The first three criteria are about the data; the others about balls around drawn points, their radius in a, the"
        " least distance of two points.",
    )


def runs(radius: float, seeds: int) -> tuple[dict[Cell, Mask], dict[Cell, Mask]]:
    """By dimension and samples: the points (seeds, POINTS) with a hole, and those whose hole draws do not find."""
    grid = product(BALLS[radius].dimensions, BALLS[radius].samples)
    cells = {cell: [with_hole(*cell, seed, radius) for seed in range(seeds)] for cell in grid}
    found, unseen = ({cell: np.stack([one[k] for one in pairs]) for cell, pairs in cells.items()} for k in (0, 1))
    return found, unseen


def judged(radius: float, found: Mapping[Cell, Mask], unseen: Mapping[Cell, Mask]) -> list[Criterion]:
    """Do holes remain where the most samples are drawn in the most dimensions, and do the samples grow exponentially."""
    last, few = max(found), BALLS[radius].middle
    rate, better = growth(found)
    middle = growth({(d, k): hit for (d, k), hit in found.items() if d in few})[1]
    remain = f"points with a hole that {DRAWS} draws do not find, dimension {last[0]}, {last[1]} samples"
    return [
        replace(criterion, quantity=f"{radius:g} a: {quantity}")
        for quantity, criterion in {
            remain: Criterion(remain, crossed(unseen[last]), above=0.5),
            rate.quantity: rate,
            better.quantity: better,
            f"… of dimensions {few[0]} to {few[-1]} alone, where shares are far from 0 and 1": middle,
        }.items()
    ]


def chart(holes: Mapping[float, Mapping[Cell, Interval]]) -> Chart:
    """Holes over the dimension, a panel a radius; the samples that leave half of the points with one."""
    measured = {radius: half_open(by) for radius, by in holes.items()}
    panels = [
        Lines(
            title=f"holes that remain, balls of {radius:g} a",
            xlabel="dimension",
            logx=True,
            percent=True,
            ylabel="points with a hole, %",
            lines=[
                Line.of(
                    f"{k} noisy sample{'s' * (k > 1)} a point", tried.dimensions, [by[d, k] for d in tried.dimensions]
                )
                for k in tried.samples
            ],
        )
        for (radius, by), tried in zip(holes.items(), BALLS.values(), strict=True)
    ]
    covered = [d for d in BALLS[0.45].dimensions if d <= 16]
    half = Lines(
        title="samples that leave half of the points with a hole",
        xlabel="dimension",
        logy=True,
        ylabel="number of samples per point",
        lines=[
            *(Line(f"measured, balls of {radius:g} a", *at) for radius, at in measured.items()),
            Line("covering number, at least 2^dimension: a formula", covered, [2.0**d for d in covered]),
        ],
    )
    return Chart(
        "Noise in training leaves holes, the more the more dimensions there are (a: least distance of two points)",
        [*panels, half],
    )


def half_open(holes: Mapping[Cell, Interval]) -> tuple[list[int], list[float]]:
    """Dimensions, and the samples a point at which half of the points have a hole, interpolated; where that is crossed."""
    at, samples = {}, sorted({k for _, k in holes})
    for d in sorted({d for d, _ in holes}):
        shares = np.array([holes[d, k].estimate for k in samples])
        if shares[0] > 0.5 > shares[-1]:
            at[d] = float(2 ** np.interp(-0.5, -np.minimum.accumulate(shares), np.log2(samples)))
    return list(at), list(at.values())


def by_cell(found: Mapping[Cell, Interval]) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of a table of dimensions by samples."""
    samples = sorted({k for _, k in found})
    rows = [[f"{d}", *(percent(found[d, k]) for k in samples), f"{2.0**d:.2g}"] for d in sorted({d for d, _ in found})]
    return ("dimension", *(f"{k} sample{'s' * (k > 1)}" for k in samples), "covering"), rows


CLAIM = Claim(
    number=6,
    name="holes",
    statement="Noise in training does not help much: holes remain, and what fills a ball grows exponentially with dimension.",
    measure=measure,
    otherwise="a loss over the whole ball at once: samples beyond the covering number close the holes of few dimensions where the"
    " balls stand far apart, and not where they nearly touch",
)
