"""Whether Strongest is as strong and as fast on networks that nobody tuned it on: other widths, depths, defences and data.

python -m tests.benchmarks.generality [--points 300]

Beside it stands PGD with 100 steps and ten restarts, with the step size of the literature, radius / 10. The networks are trained
afresh; times are from one interleaved round after a warm-up.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from numpy.random import default_rng

from agents.attackers import PGD, Strongest
from arena import Ball, GradientView, roster
from arena.engine.threads import one_blas_thread
from arena.match import open_match
from arena.referee import Referee, hits
from scenarios import WhiteBox
from tests.benchmarks.timing import ratio, rounds

NETS = (
    ("digits", "plain(hidden=(48,))", Ball(0.08)),
    ("digits", "adversarial-training(hidden=(200, 100, 50), epochs=40)", Ball(0.15)),
    ("digits", "trades(hidden=(96, 96), epochs=30)", Ball(0.12)),
    ("digits", "interval-training(hidden=(64, 64, 64))", Ball(0.1)),
    ("digits", "spectral-normalisation(hidden=(80, 80), kappa=1.5)", Ball(0.6, "l2")),
    ("digits", "ensemble(members=['plain(hidden=(40,))', 'dropout(hidden=(120, 60))'])", Ball(1.5, "l1")),
    ("signs", "dropout(hidden=(100, 50), epochs=15)", Ball(0.01)),
    ("signs", "adversarial-training(hidden=(96,), epochs=10, steps=3)", Ball(0.01)),
)


def main() -> None:
    """Train, attack, and print a line a network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=300)
    points = parser.parse_args().points
    print(f"{'accuracy % at ' + str(points) + ' points':<86}{'clean':>7}{'PGD':>7}{'Strongest':>11}{'time / PGD':>12}")
    with one_blas_thread():
        compared = [_compared(*net, points) for net in NETS]
    gaps, ratios = zip(*compared, strict=True)
    print(f"Strongest takes {np.mean(gaps):+.2f} points more on average, {min(gaps):+.2f} at the least;", end=" ")
    print(f"its time is {np.median(ratios):.2f} of PGD's in the median, {max(ratios):.2f} at the most")


def _compared(data: str, text: str, ball: Ball, points: int) -> tuple[float, float]:
    """By how many points Strongest leaves less than PGD does, and its time divided by PGD's."""
    game = WhiteBox(data=data, ball=ball, points=points, train=1200)
    opening = open_match(game, roster.build("defenders", text))
    assert opening is not None  # a white box begins with the defender
    model, (field,) = opening.move.model, game.deal.fields
    players: dict[str, Any] = {
        "PGD": PGD(steps=100, restarts=10, step_size=ball.radius / 10, schedule="constant"),
        "Strongest": Strongest(),
    }
    view, left = GradientView(field, ball, model), {}
    for name, player in players.items():
        answer = Referee(ball).judge(player.move(view, default_rng(0)), field)
        left[name] = 100 * hits(model, answer).mean()
    seconds = rounds({name: lambda p=p: p.move(view, default_rng(0)) for name, p in players.items()}, n=1)
    times = ratio(seconds, "Strongest", "PGD")
    label = f"{text}, {ball.norm} {ball.radius:g}" + (f", {data}" if data != "digits" else "")
    print(
        f"{label:<86}{100 * hits(model, field).mean():>7.1f}{left['PGD']:>7.1f}{left['Strongest']:>11.1f}{times:>12.2f}"
    )
    return left["PGD"] - left["Strongest"], times


if __name__ == "__main__":
    main()
