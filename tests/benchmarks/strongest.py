"""How strong and how fast Strongest is, beside PGD with 100 steps and ten restarts on the same network.

python -m tests.benchmarks.strongest --net FILE [--radius 0.3] [--norm linf] [--rounds 3]

The .npz holds a ReLU network as W1, b1, W2, b2, …, W (in, out), and the rows `x` and labels `y` to attack. Without one, a small
network trained on digits stands in. Times are medians over interleaved rounds of one run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.random import default_rng

from agents.attackers import PGD, Strongest
from agents.defenders import AdversarialTraining
from arena import Ball, Batch, DefenderView, GradientView, ThreatModel
from arena.engine import Dense, Layer, ReLU, Sequential
from arena.engine.threads import cores
from arena.referee import Referee, hits
from scenarios import WhiteBox
from tests.benchmarks.timing import ratio, report, rounds


def read(path: Path) -> tuple[Sequential, Batch]:
    """A network and its field from an .npz."""
    with np.load(path) as stored:
        count = sum(name.startswith("W") for name in stored.files)
        layers: list[Layer] = []
        for i in range(1, count + 1):
            layers += [Dense.of(stored[f"W{i}"], stored[f"b{i}"]), ReLU()]
        return Sequential(tuple(layers[:-1])), Batch(stored["x"], stored["y"].astype(np.intp))


def hardened(ball: Ball) -> tuple[Sequential, Batch]:
    """An adversarially trained network on digits."""
    cards = WhiteBox(ball=ball).deal
    view = DefenderView(cards.train, 10, ThreatModel(ball=ball))
    return AdversarialTraining(epochs=30).move(view, default_rng(0)).model, cards.fields[0]


def main() -> None:
    """Attack, and print accuracies and times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", type=Path)
    parser.add_argument("--radius", type=float, default=0.3)
    parser.add_argument("--norm", default="linf")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    ball = Ball(given.radius, given.norm)
    model, field = read(given.net) if given.net else hardened(ball)
    view = GradientView(field, ball, model)
    players = {
        "Strongest": Strongest(),
        "PGD-100 x 10": PGD(steps=100, restarts=10, step_size=ball.radius / 10, schedule="constant"),
    }
    print(f"{given.net or 'digits'}: {len(field)} points, clean {100 * hits(model, field).mean():.1f} %")
    for name, player in players.items():
        for seed in range(3):
            answer = Referee(ball).judge(player.move(view, default_rng(seed)), field)
            print(f"  {name:<14} seed {seed}  {100 * hits(model, answer).mean():5.1f} %")
    seconds = rounds({n: lambda p=p: p.move(view, default_rng(0)) for n, p in players.items()}, n=given.rounds)
    report(f"{cores()} threads, {ball.norm} {ball.radius:g}", seconds)
    print(f"  Strongest / PGD               {ratio(seconds, 'Strongest', 'PGD-100 x 10'):9.2f}  (at most 1)")


if __name__ == "__main__":
    main()
