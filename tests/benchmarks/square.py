"""How fast Square is: against the bare forward passes of the same queries, one after the other in the same batches.

python -m tests.benchmarks.square [--data digits-of-yours.npz]

On the digits, 500 points and 1,000 queries each: in a ball too small to fool anybody, so that every query is made, and in
the usual one, where fooled rows drop out and the passes become small. An .npz gives `x` (n, 784) pixels and `y`. Ratios are
medians over interleaved rounds of one run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.random import default_rng

from agents.attackers.square import Square
from agents.defenders import Plain
from arena import Ball, ThreatModel
from arena.batch import Batch
from arena.data import read_npz
from arena.engine import Sequential
from arena.meter import Meter
from arena.views import DefenderView, ScoreView
from scenarios import WhiteBox
from tests.benchmarks.timing import ratio, report, rounds

QUERIES = 1000


class Sizes:
    """A network that notes how many rows each call holds."""

    def __init__(self, model: Sequential) -> None:
        self.model, self.calls = model, list[int]()

    def logits(self, x: np.ndarray) -> np.ndarray:
        self.calls.append(len(x))
        return self.model.logits(x)


def attack(model, field: Batch, ball: Ball) -> None:
    """Square through a meter, as in a match."""
    meter = Meter(model, len(field), QUERIES)
    Square().move(ScoreView(field, ball, meter.answers()), default_rng(0))


def bare_passes(model: Sequential, field: Batch, calls: list[int]) -> Callable[[], None]:
    """Forward passes of so many rows each, and nothing else."""

    def run() -> None:
        for rows in calls:
            model.logits(field.x[:rows])

    return run


def compare(title: str, model: Sequential, field: Batch, ball: Ball, n: int) -> None:
    """Time Square and its passes."""
    sizes = Sizes(model)
    attack(sizes, field, ball)
    contenders: dict[str, Callable[[], object]] = {
        "forward passes alone": bare_passes(model, field, sizes.calls),
        "Square": lambda: attack(model, field, ball),
    }
    seconds = rounds(contenders, n)
    report(f"{title}, L∞ {ball.radius}: {sum(sizes.calls):,} queries in {len(sizes.calls):,} calls", seconds)
    print(f"  Square / passes               {ratio(seconds, 'Square', 'forward passes alone'):9.2f}  (at most 3)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="an .npz with x (n, 784) and y")
    given = parser.parse_args().data
    print(f"{os.cpu_count()} processors, NumPy {np.__version__}")
    cards = (WhiteBox(data=read_npz(given)) if given else WhiteBox()).deal
    (field,) = cards.fields
    for player in (Plain(), Plain(hidden=(64, 32))):
        view = DefenderView(cards.train, 10, ThreatModel(ball=Ball(0.15)))
        model = player.move(view, default_rng(0)).model
        right = field[np.flatnonzero(model.logits(field.x).argmax(axis=1) == field.y)]
        again = right[np.arange(500) % len(right)]
        name = "-".join(map(str, (field.x.shape[1], *player.hidden, 10)))
        compare(f"{name}, 500 points, nobody fooled", model, again, Ball(1e-4), 3 if given else 11)
        compare(f"{name}, 500 points", model, field, Ball(0.15), 3 if given else 11)
